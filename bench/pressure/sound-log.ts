import { samplesOf } from './fragments.ts';
import { readInitSegment } from '../../media/bmff/init-reader.ts';
import type { GotPart } from './edge-viewer.ts';

/** What became of the sound that was sent. */
export type SoundReport = {
  /** AAC frames that were served. */
  readonly frames: number;
  /** Places where frames that were sent are missing, stand elsewhere, or others stand in their place. */
  readonly holes: number;
  /** How much of the sound is missing there, milliseconds. */
  readonly missingMs: number;
  /** Frames that nobody sent: silence, or sound that was encoded anew. */
  readonly foreign: number;
  /** Places where a frame does not begin where the one before ends. */
  readonly breaks: number;
};

/** A served AAC frame. */
export type ServedFrame = {
  readonly decodeTicks: number;
  readonly durationTicks: number;
  readonly data: Buffer;
};

const FRAME_MS = 1024 / 48;

/**
 * Compares served frames with those of a clip that was sent over and over. Pure.
 *
 * @param sent frames of the clip, in order
 */
export function compareSound(served: readonly ServedFrame[], sent: readonly Buffer[]): SoundReport {
  const indexes = new Map<string, number[]>();
  sent.forEach((data, at) => {
    const key = data.toString('latin1');
    indexes.set(key, [...(indexes.get(key) ?? []), at]);
  });
  let holes = 0;
  let missing = 0;
  let foreign = 0;
  let breaks = 0;
  // Where in the clip the next frame may be: several places, where frames of equal bytes were sent.
  let places: readonly number[] = [];
  let strangers = 0;
  let endTicks = Number.NaN;
  for (const { decodeTicks, durationTicks, data } of served) {
    // A tick of rounding is none that anybody hears.
    if (!Number.isNaN(endTicks) && Math.abs(decodeTicks - endTicks) > 1) breaks += 1;
    endTicks = decodeTicks + durationTicks;
    const known = indexes.get(data.toString('latin1'));
    if (known === undefined) {
      foreign += 1;
      strangers += 1;
      continue;
    }
    const follow = strangers === 0 ? known.filter((index) => places.includes(index)) : [];
    const [next] = places;
    if (next !== undefined && follow.length === 0) {
      holes += 1;
      const lost = known.map((index) => (index - next + sent.length) % sent.length);
      missing += Math.max(strangers, Math.min(...lost));
    }
    strangers = 0;
    places = (follow.length > 0 ? follow : known).map((index) => (index + 1) % sent.length);
  }
  return { frames: served.length, holes, missingMs: missing * FRAME_MS, foreign, breaks };
}

/** Reads the AAC frames of what a viewer got between two moments. */
export function readSound(
  parts: readonly GotPart[],
  inits: ReadonlyMap<string, Buffer>,
  fromMs: number,
  toMs: number,
): ServedFrame[] {
  return parts
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .flatMap(({ init, bytes }) => samplesOf(bytes, readInitSegment(inits.get(init) ?? Buffer.alloc(0))));
}
