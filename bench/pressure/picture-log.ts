import { samplesOf } from './fragments.ts';
import { readInitSegment } from '../../media/bmff/init-reader.ts';
import { BAR_HEIGHT_PX, BARS, readBars } from '../publish/barcode.ts';
import { decodePictures } from '../served/decode.ts';
import type { GotPart } from './edge-viewer.ts';
import { CLIP_MS } from './stamped-clip.ts';

/** A served picture. */
export type ServedPicture = {
  /** When a viewer had it, UTC milliseconds. */
  readonly atMs: number;
  /** Its media time, milliseconds. */
  readonly mediaMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** When it was published, by the barcode in it; null for none that can be read. */
  readonly sentMs: number | null;
};

/**
 * Tells when a picture of a clip that is played over and over was sent. Pure.
 *
 * @param stampMs the picture's time within the clip
 * @param startMs when the clip's time 0 was sent first
 * @param atMs when a viewer had it: the newest round before is meant
 */
export function sentAtMs(stampMs: number, startMs: number, atMs: number): number {
  // A clock read on another side may be some milliseconds behind.
  const rounds = Math.floor((atMs + 200 - startMs - stampMs) / CLIP_MS);
  return startMs + stampMs + Math.max(0, rounds) * CLIP_MS;
}

/** Decodes what a viewer got, and reads each picture's barcode. */
export async function readPictures(
  parts: readonly GotPart[],
  inits: ReadonlyMap<string, Buffer>,
  startMs: number,
): Promise<ServedPicture[]> {
  const pictures: ServedPicture[] = [];
  for (let from = 0; from < parts.length; ) {
    const { init = '' } = parts[from] ?? {};
    const end = parts.findIndex((part, at) => at > from && part.init !== init);
    const same = parts.slice(from, end < 0 ? parts.length : end);
    from += same.length;
    pictures.push(...(await readRun(same, inits.get(init) ?? Buffer.alloc(0), startMs)));
  }
  return pictures;
}

async function readRun(parts: readonly GotPart[], init: Buffer, startMs: number): Promise<ServedPicture[]> {
  const track = readInitSegment(init);
  const ms = 1000 / track.timescaleHz;
  const strip = `crop=iw:2:0:${BAR_HEIGHT_PX / 2}*ih/720`;
  const size = { widthPx: BARS, heightPx: 1 };
  const decoded = await decodePictures(
    Buffer.concat([init, ...parts.map(({ bytes }) => bytes)]),
    size,
    strip,
  );
  const stamps = new Map(
    decoded.timesS.map((timeS, at) => [
      Math.round(timeS * 1000),
      readBars(decoded.luma.subarray(at * BARS, (at + 1) * BARS)),
    ]),
  );
  return parts.flatMap(({ bytes, atMs }) =>
    samplesOf(bytes, track).map((sample) => {
      const mediaMs = (sample.decodeTicks + sample.compositionOffsetTicks) * ms;
      const near = [0, 1, -1].map((off) => stamps.get(Math.round(mediaMs) + off));
      const stampMs = near.find((stamp) => stamp !== undefined) ?? null;
      return {
        ...{ atMs, mediaMs, durationMs: sample.durationTicks * ms, sizeBytes: sample.data.length },
        sentMs: stampMs === null ? null : sentAtMs(stampMs, startMs, atMs),
      };
    }),
  );
}

/**
 * Ages of the newest picture that a viewer has, sampled. Pure.
 *
 * @param pictures in the order in which they arrived
 * @param fromMs first sample; UTC milliseconds
 * @returns milliseconds, one each `everyMs`; none before the first picture
 */
export function agesOf(
  pictures: readonly ServedPicture[],
  fromMs: number,
  toMs: number,
  everyMs = 100,
): number[] {
  const ages: number[] = [];
  let newestMs = Number.NaN;
  let at = 0;
  for (let nowMs = fromMs; nowMs < toMs; nowMs += everyMs) {
    for (let next = pictures[at]; next !== undefined && next.atMs <= nowMs; at += 1, next = pictures[at]) {
      if (next.sentMs !== null) newestMs = Math.max(Number.isNaN(newestMs) ? 0 : newestMs, next.sentMs);
    }
    if (!Number.isNaN(newestMs)) ages.push(nowMs - newestMs);
  }
  return ages;
}

/**
 * The longest time for which one picture stands in what is served, in media time: repeats and what cannot be read count, and so do
 * times for which there is no picture. Pure.
 *
 * @returns milliseconds
 */
export function longestStillMs(pictures: readonly ServedPicture[], fromMs: number, toMs: number): number {
  let longest = 0;
  let lastSent: number | null = null;
  let sinceMs = Number.NaN;
  for (const { mediaMs, sentMs, atMs } of pictures) {
    if (sentMs === null || sentMs === lastSent) continue;
    if (atMs >= fromMs && atMs < toMs && !Number.isNaN(sinceMs))
      longest = Math.max(longest, mediaMs - sinceMs);
    [lastSent, sinceMs] = [sentMs, mediaMs];
  }
  return longest;
}

/** Pictures that repeat the one before, of all that arrived in a time. Pure. @returns a share, 0 to 1 */
export function repeatedShare(pictures: readonly ServedPicture[], fromMs: number, toMs: number): number {
  const within = pictures.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const repeats = within.filter(({ sentMs }, at) => at > 0 && sentMs === within[at - 1]?.sentMs);
  return within.length === 0 ? 0 : repeats.length / within.length;
}
