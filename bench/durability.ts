import { setTimeout as after } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { indexPrefix } from '../origin/archive/archive-keys.ts';
import { S3Store } from '../origin/store/s3-store.ts';
import { segmentStartMs } from '../shared/grid.ts';
import { startChromium, type TestBrowser } from '../test/support/chromium.ts';
import { startMinio } from '../test/support/minio.ts';
import { startTestPipeline, type TestPipeline } from '../test/support/pipeline.ts';
import { type Publisher, startPublisher } from '../test/support/publisher.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { waitForProgress } from '../test/e2e/support/watcher.ts';
import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import { ClassWatcher, type Fingerprint } from './durability/class-watcher.ts';
import { compareListed, compareStored, type Comparison } from './durability/comparison.ts';
import { type ArchiveOrigin, startArchiveOrigin } from './durability/archive-origin.ts';
import { countHoles, type ListedBroadcast, playReplay } from './durability/replayed.ts';
import { countStalls, stallsOf } from './durability/stall-counter.ts';

const CHANNEL = 'hall-7';
const FRAMES_PER_S = 25;
const RUNGS = ['480p', '360p', '240p'];
const RENDITIONS = [...RUNGS, 'audio'];
/** Small pictures: it is about bytes, and lasts long. */
const YAML = `channels:
  - {id: ${CHANNEL}, title: Grade 7 mathematics, language: en, publishKey: the-stream-key}
ladder: {rungs: [{height: 480, videoKbps: 500}, {height: 360, videoKbps: 300}, {height: 240, videoKbps: 150}], preset: ultrafast}
`;
/** Where in the run the store goes away. */
const OUTAGE_AT = 0.3;
const SEEKS = 20;
const READY_WITHIN_S = 10;

/** A class with everything against it, and whether every byte that was seen live is there ever after. */
export const durability: Bench = {
  name: 'durability',
  title:
    'a class archived in MinIO, byte for byte: the store goes away, the origin is killed, the index is lost',
  needs: ['ffmpeg', 's3'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const minutes = options.minutes ?? 5;
    const outage = options.outage ?? 1;
    const minio = await startMinio();
    const stops: (() => Promise<void>)[] = [() => minio.stop()];
    try {
      const origin = await startArchiveOrigin(YAML, minio);
      stops.push(() => origin.stop());
      const pipeline = await startTestPipeline({
        yaml: `${YAML}origins: ['${origin.url}']\n`,
        roles: ['ingest', 'transcode'],
      });
      stops.push(() => pipeline.stop());
      const browser = await startChromium({ viewport: { width: 854, height: 480 } });
      stops.push(() => browser.stop());
      const { endpoint, accessKey, secretKey } = minio;
      const store = new S3Store({
        ...{ endpoint, accessKey, secretKey, bucket: 'lectern', prefix: '', region: 'us-east-1' },
      });
      stops.push(() => store.close());
      const stage = { origin, pipeline, browser, store, minio, say };
      return await watchOneClass(stage, minutes, outage);
    } finally {
      for (const stop of stops.toReversed()) await stop();
    }
  },
};

type Stage = {
  readonly origin: ArchiveOrigin;
  readonly pipeline: TestPipeline;
  readonly browser: TestBrowser;
  readonly store: S3Store;
  readonly minio: Awaited<ReturnType<typeof startMinio>>;
  say(line: string): void;
};

async function watchOneClass(stage: Stage, minutes: number, outage: number): Promise<BenchResult> {
  const { origin, pipeline, browser, store, say } = stage;
  const watcher = new ClassWatcher(`${origin.url}/live/${CHANNEL}`, RENDITIONS);
  const publisher = startPublisher({
    url: pipeline.publishUrl(CHANNEL),
    ...{ widthPx: 854, heightPx: 480, frameRate: FRAMES_PER_S },
  });
  const watched = watcher.run();
  const detail: Record<string, unknown> = { minutes, outage };
  const rows: Row[] = [];
  const none = (what: string, found: readonly unknown[] | number): void => {
    const count = typeof found === 'number' ? found : found.length;
    if (typeof found !== 'number' && found.length > 0) detail[what] = found;
    rows.push(rowAtMost(what, '', count, 0));
  };
  try {
    await origin.waitForState(CHANNEL, 'on-air');
    const page = await browser.context.newPage();
    await page.goto(`${origin.url}/watch/${CHANNEL}`);
    await waitForProgress(page, 5);
    const beganMs = Date.now();
    const at = (share: number): Promise<void> =>
      after(Math.max(0, beganMs + share * minutes * 60_000 - Date.now()));
    await at(OUTAGE_AT);
    none('stalls of a viewer while the store was away', await loseStoreAndOrigin(stage, page, outage));
    await page.close();
    await at(1);
    watcher.stop();
    await watched;
    detail['residentMiB'] = await origin.residentMiB();

    say(`${watcher.seen.size} segments were seen; start-over`);
    const live = await broadcastOf(origin);
    const listed = RENDITIONS.map((id) => `${origin.url}/live/${CHANNEL}/${id}.m3u8?start=${live.startMs}`);
    const own = ofBroadcast(watcher.seen, live.startMs, Date.now());
    const startOver = await compareListed(listed, own);
    const ended = await endClass(publisher, origin);
    say('it is over; players');
    const players = await playReplay(browser.context, origin.url, ended.broadcast, {
      ...{ seeks: SEEKS, endedMs: ended.endedMs },
    });
    say('replay, bucket, ffprobe');
    const playlists = RENDITIONS.map((id) => replayUrl(origin, ended.broadcast, `${id}.m3u8`));
    const replay = await compareListed(playlists, own);
    const bucket = await compareStored(store, CHANNEL, own);
    const holes = [
      await countHoles(replayUrl(origin, ended.broadcast, `${RUNGS[0]}.m3u8`), 'v:0', 1 / FRAMES_PER_S),
      await countHoles(replayUrl(origin, ended.broadcast, 'audio.m3u8'), 'a:0', 1024 / 48_000),
    ];
    say('the index is lost');
    const rebuilt = await loseIndex(stage, playlists);

    rows.push(rowAtMost('segments that a viewer saw, four renditions', '', own.size, null));
    none('listed segments that were refused', watcher.refused);
    none('numbers that a viewer never saw', neverSeen(own));
    for (const [way, compared] of Object.entries({ startOver, replay, bucket }))
      for (const [what, found] of Object.entries(differences(compared))) none(`${way}: ${what}`, found);
    none('gaps of the broadcast', ended.broadcast.gaps);
    holes.forEach((found, i) =>
      none(`ffprobe, ${i === 0 ? 'pictures' : 'sound'}: holes in ${found.packets} packets`, found.holes),
    );
    none('playlists that are others after a rebuild', rebuilt);
    rows.push(rowAtMost('replay is listed after', 's', ended.listedMs / 1000, READY_WITHIN_S));
    for (const report of players) {
      rows.push(rowAtMost(`${report.player} plays it after`, 's', report.readyMs / 1000, READY_WITHIN_S));
      if (report.player === 'the page') continue;
      rows.push(
        rowAtMost(`${report.player}: a seek plays after, p50 of ${SEEKS}`, 's', report.seekMs / 1000, null),
      );
      none(`${report.player}: seeks that did not play`, report.failed);
      none(`${report.player}: errors`, report.errors);
    }
    const broken = rows.some(({ met }) => met === false);
    const notes = [
      `a class of ${minutes} min, MinIO away for ${outage} min of it, the origin killed in their middle`,
      `origin at the end: ${Number(detail['residentMiB']).toFixed(0)} MiB resident`,
    ];
    return { rows, notes, detail, broken };
  } finally {
    watcher.stop();
    await publisher.stop();
  }
}

/** @returns the stalls of a page before the origin was killed: that one a viewer notices */
async function loseStoreAndOrigin(stage: Stage, page: Page, outage: number): Promise<number> {
  const { minio, origin, say } = stage;
  const half = outage * 30_000;
  await countStalls(page);
  await minio.kill();
  say('MinIO is killed');
  await after(half);
  const stalls = await stallsOf(page);
  await origin.killAndStart();
  say('the origin is killed, and started without its store');
  await waitForProgress(page, 2);
  await after(half);
  await minio.restart();
  say('MinIO is back');
  return stalls;
}

/** Deletes the index, rebuilds it, and returns the playlists that differ from before. */
async function loseIndex({ origin, store, say }: Stage, playlists: readonly string[]): Promise<string[]> {
  const read = (): Promise<string[]> => Promise.all(playlists.map(async (url) => (await fetch(url)).text()));
  const before = await read();
  const keys: string[] = [];
  for await (const { key } of store.list(indexPrefix(CHANNEL))) keys.push(key);
  await store.delete(keys);
  say((await origin.storeCommand('rebuild')).trim().split('\n').at(-1) ?? '');
  const again = await read();
  return playlists.filter((_, i) => again[i] !== before[i] || before[i]?.includes('#EXT-X-ENDLIST') !== true);
}

async function endClass(
  publisher: Publisher,
  origin: ArchiveOrigin,
): Promise<{ readonly endedMs: number; readonly listedMs: number; readonly broadcast: ListedBroadcast }> {
  const askedMs = Date.now();
  // ffmpeg continues for a moment after it was asked to end.
  await publisher.stop();
  const endedMs = Date.now();
  const broadcast = await waitFor(
    `the class, asked to end at ${askedMs}, is over`,
    async () => {
      const last = await broadcastOf(origin);
      if (last.replay === null) return null;
      return (await fetch(`${origin.url}${last.replay}`)).ok ? last : null;
    },
    60_000,
  );
  return { endedMs, listedMs: Date.now() - endedMs, broadcast };
}

async function broadcastOf(origin: ArchiveOrigin): Promise<ListedBroadcast> {
  const answer = await waitFor(
    'the library is read',
    async () => {
      const asked = await fetch(`${origin.url}/api/broadcasts`);
      // 503 library-loading: the store is back for a moment only.
      return asked.ok ? asked : null;
    },
    60_000,
  );
  const { broadcasts } = (await answer.json()) as { broadcasts: ListedBroadcast[] };
  const [first, ...more] = broadcasts;
  if (first === undefined || more.length > 0) {
    throw new Error(`${broadcasts.length} broadcasts, want 1: the class was taken for several`);
  }
  return first;
}

function replayUrl(origin: ArchiveOrigin, { replay }: ListedBroadcast, name: string): string {
  return `${origin.url}${replay?.replace('index.m3u8', name)}`;
}

/** Removes segments from before and after the class. */
function ofBroadcast(
  seen: ReadonlyMap<string, Fingerprint>,
  fromMs: number,
  toMs: number,
): ReadonlyMap<string, Fingerprint> {
  return new Map(
    [...seen].filter(([name]) => {
      const startMs = segmentStartMs(Number(name.split('/')[1]));
      return startMs >= fromMs && startMs < toMs;
    }),
  );
}

/** Numbers between the first and the last of a rendition that were not among its closed segments. */
function neverSeen(seen: ReadonlyMap<string, Fingerprint>): string[] {
  return RENDITIONS.flatMap((id) => {
    const numbers = [...seen.keys()]
      .filter((name) => name.startsWith(`${id}/`))
      .map((name) => Number(name.split('/')[1]));
    const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
    return Array.from({ length: last - first + 1 }, (_, i) => `${id}/${first + i}`).filter(
      (name) => !seen.has(name),
    );
  });
}

function differences({ others, missing, gaps }: Comparison): Record<string, readonly string[]> {
  return { 'segments with other bytes': others, 'segments that are missing': missing, gaps };
}
