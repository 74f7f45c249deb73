import { setTimeout as after } from 'node:timers/promises';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import type { IngestView } from '../../ingest/ingest-api.ts';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';
import { type Row, rowAtMost } from '../bench.ts';
import { summarize, type Summary } from '../measure/statistics.ts';
import { BAR_HEIGHT_PX, BARS, readBars } from '../publish/barcode.ts';
import type { WallClockPublisher } from '../publish/wall-clock.ts';
import { decodePictures } from '../served/decode.ts';
import { fetchBytes, fetchText } from '../served/fetching.ts';
import { fetchRenditions } from '../served/renditions.ts';
import type { LecternProcess } from '../start/lectern-process.ts';
import { watchPage } from './watch.ts';

/** How old pictures are as they pass each place: wall clock there, less the time burnt in. Milliseconds. */
export type Stages = {
  /** The ingest's feed hands the encoded picture to the transcoder: the publisher's encoder, RTMP, ingest. */
  readonly ingest: Summary;
  /** The newest picture of the best rendition is in the origin: decode, scale, encode, uplink. Sampled every 20 ms. */
  readonly origin: Summary;
  /** The part that holds the picture is announced, to a client that waits for it: the part has to fill first. */
  readonly announced: Summary;
  /** The part is in the page. */
  readonly page: Summary;
  /** The picture is on the screen: buffer, decoder, display. */
  readonly display: Summary;
};

type Options = {
  readonly lectern: LecternProcess;
  readonly publisher: WallClockPublisher;
  readonly fps: number;
  readonly seconds: number;
  readonly page: string;
};

/**
 * Measures one join stage by stage. It costs the machine a little more than a join alone does, so its figures stand
 * beside those of the joins and are none of them.
 */
export async function measureStages({ lectern, publisher, fps, seconds, page }: Options): Promise<Stages> {
  const { video } = await fetchRenditions(`${lectern.url}/live/hall-7/index.m3u8`);
  const { stampAt, partMs } = await calibrate(video, publisher, fps);
  const stop = new AbortController();
  const watched = [
    watchFeed(lectern, publisher, fps, stop.signal),
    watchOrigin(lectern, stampAt, fps, stop.signal),
    watchParts(video, { stampAt, partMs }, fps, stop.signal),
  ] as const;
  const { pages } = await watchPage(page, 1, seconds, () => {}).finally(() => stop.abort());
  const [ingest, origin, announced] = await Promise.all(watched);
  const shown = (pages[0]?.shown ?? []).slice(fps * 3);
  const sinceMs = shown[0]?.toldMs ?? 0;
  const arrived = (pages[0]?.arrived ?? []).flatMap(({ url, endMs }) => {
    const part = /\/media\/[^/]+\/\d+p\/(\d+)\.(\d+)\.m4s/.exec(url);
    if (part === null || endMs < sinceMs) return [];
    return framesOf(Number(part[1]) * 1600 + Number(part[2]) * partMs, partMs, fps, stampAt).map(
      (stamp) => endMs - stamp,
    );
  });
  return {
    ...{ ingest, origin, announced, page: summarize(arrived) },
    display: summarize(
      shown.flatMap(({ stampMs, displayMs }) => (stampMs === null ? [] : [displayMs - stampMs])),
    ),
  };
}

/** Rows for the table: how old a picture is at each place. */
export function stageRows(where: string, stages: Stages): Row[] {
  const names: Readonly<Record<keyof Stages, string>> = {
    ingest: 'age at ingest (publisher encodes, RTMP)',
    origin: 'age in the origin (ladder, uplink)',
    announced: 'age when its part is announced',
    page: 'age when its part is in the page',
    display: 'age on the screen',
  };
  return (Object.keys(names) as (keyof Stages)[]).map((key) =>
    rowAtMost(`${where}: ${names[key]}, p50`, 'ms', stages[key].p50, null),
  );
}

/** The wall clock burnt into the picture at a media time, UTC milliseconds each; undefined while it is not known. */
type StampAt = (mediaMs: number) => number | undefined;

/** How to get from media times to burnt-in times, and how long a part is. */
type Calibration = { readonly stampAt: StampAt; readonly partMs: number };

/** Reads one served segment, to learn which picture stands at which media time: all others follow by counting. */
async function calibrate(
  playlistUrl: string,
  publisher: WallClockPublisher,
  fps: number,
): Promise<Calibration> {
  const playlist = readPlaylist(await fetchText(playlistUrl));
  const partMs = Number(/PART-TARGET=([\d.]+)/.exec(playlist.lines.join('\n'))?.[1] ?? 0.2) * 1000;
  const segment = playlist.segments.findLast(({ uri }) => uri !== null);
  if (segment === undefined || segment.uri === null || segment.map === null)
    throw new Error(`${playlistUrl}: no segment`);
  const init = await fetchBytes(new URL(segment.map, playlistUrl).href);
  const media = await fetchBytes(new URL(segment.uri, playlistUrl).href);
  const height = 720;
  const strip = `crop=iw:2:0:${Math.round(BAR_HEIGHT_PX / 2)}*ih/${height}`;
  const pictures = await decodePictures(Buffer.concat([init, media]), { widthPx: BARS, heightPx: 1 }, strip);
  // The publisher tells of its stamps once a second.
  await after(1500);
  for (const [at, timeS] of pictures.timesS.entries()) {
    const stampMs = readBars(pictures.luma.subarray(at * BARS, (at + 1) * BARS));
    const index = stampMs === null ? undefined : publisher.indexOf(stampMs);
    if (index === undefined) continue;
    const stampAt: StampAt = (mediaMs) =>
      publisher.stampMs(index + Math.round(((mediaMs - timeS * 1000) * fps) / 1000));
    return { stampAt, partMs };
  }
  throw new Error('no barcode could be read from what is served');
}

function framesOf(startMs: number, lengthMs: number, fps: number, stampAt: StampAt): number[] {
  const count = Math.round((lengthMs * fps) / 1000);
  return Array.from({ length: count }, (_, at) => stampAt(startMs + (at * 1000) / fps)).filter(
    (stamp) => stamp !== undefined,
  );
}

/** Reads what the transcoder reads, as it comes. */
async function watchFeed(
  lectern: LecternProcess,
  publisher: WallClockPublisher,
  fps: number,
  signal: AbortSignal,
): Promise<Summary> {
  const asOperator = { headers: { authorization: `Bearer ${await lectern.token('operator')}` } };
  const view = (await (await fetch(`${lectern.url}/api/ingest/hall-7`, asOperator)).json()) as IngestView;
  const asWorker = { headers: { authorization: `Bearer ${await lectern.token('worker')}` }, signal };
  const arrivals: { readonly atMs: number; readonly timestampMs: number }[] = [];
  try {
    const feed = await fetch(`${lectern.url}/feeds/hall-7/${view.publish?.broadcast ?? ''}.flv`, asWorker);
    const parser = new FlvReader();
    // The first bytes are what was kept for newcomers.
    const fromMs = Date.now() + 1000;
    for await (const bytes of feed.body ?? []) {
      const atMs = Date.now();
      for (const tag of parser.push(Buffer.from(bytes))) {
        if (tag.kind === 'video' && atMs > fromMs) arrivals.push({ atMs, timestampMs: tag.timestampMs });
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await after(1500);
  return summarize(
    arrivals.flatMap(({ atMs, timestampMs }) => {
      // Frame 0 may have been moved by less than a frame, so that no timestamp is below 0.
      const stamp = publisher.stampMs(Math.floor(((timestampMs + 2) * fps) / 1000));
      return stamp === undefined ? [] : [atMs - stamp];
    }),
  );
}

type FeedsAnswer = {
  readonly feeds: readonly {
    readonly tracks: readonly { readonly name: string; readonly headMs: number | null }[];
  }[];
};

/** Asks the origin again and again how far the best rendition is. */
async function watchOrigin(
  lectern: LecternProcess,
  stampAt: StampAt,
  fps: number,
  signal: AbortSignal,
): Promise<Summary> {
  const asOperator = { headers: { authorization: `Bearer ${await lectern.token('operator')}` } };
  const heads: { readonly atMs: number; readonly headMs: number }[] = [];
  let last = 0;
  while (!signal.aborted) {
    const answer = (await (
      await fetch(`${lectern.url}/api/channels/hall-7/feeds`, asOperator)
    ).json()) as FeedsAnswer;
    const headMs = answer.feeds[0]?.tracks.find(({ name }) => name === '720p')?.headMs ?? last;
    if (headMs > last) heads.push({ atMs: Date.now(), headMs });
    last = headMs;
    await after(20);
  }
  await after(1500);
  // The head is the end of the newest picture.
  return summarize(
    heads.flatMap(({ atMs, headMs }) => {
      const stamp = stampAt(headMs - 1000 / fps);
      return stamp === undefined ? [] : [atMs - stamp];
    }),
  );
}

/** Waits for each part as a player does, by blocking reloads. */
async function watchParts(
  playlistUrl: string,
  { stampAt, partMs }: Calibration,
  fps: number,
  signal: AbortSignal,
): Promise<Summary> {
  const first = readPlaylist(await fetchText(playlistUrl)).segments.at(-1);
  const parts = 1600 / partMs;
  let [number, part] = [first?.number ?? 0, first?.parts.length ?? 0];
  const announced: { readonly atMs: number; readonly startMs: number }[] = [];
  while (!signal.aborted) {
    if (part >= parts) [number, part] = [number + 1, 0];
    await fetchText(`${playlistUrl}?_HLS_msn=${number}&_HLS_part=${part}&_HLS_skip=YES`);
    announced.push({ atMs: Date.now(), startMs: number * 1600 + part * partMs });
    part += 1;
  }
  await after(1500);
  return summarize(
    announced
      .slice(1)
      .flatMap(({ atMs, startMs }) => framesOf(startMs, partMs, fps, stampAt).map((stamp) => atMs - stamp)),
  );
}
