import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Archive } from '../origin/archive/archive.ts';
import { ArchiveIndex } from '../origin/archive/archive-index.ts';
import { BLOCK_MS, formatBlock } from '../origin/archive/index-block.ts';
import { Spool } from '../origin/archive/spool.ts';
import type { Segment } from '../origin/packager/media.ts';
import type { StoredSegment } from '../origin/packager/recording/stored-segment.ts';
import { FilesStore } from '../origin/store/files-store.ts';
import { S3Store } from '../origin/store/s3-store.ts';
import { systemClock } from '../shared/clock.ts';
import { silentLogger } from '../shared/logger.ts';
import type { ObjectStore } from '../shared/object-store.ts';
import { startMinio } from '../test/support/minio.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { type Bench, type BenchResult, type Row, rowAtMost, rowByRatio } from './bench.ts';
import { load, LOADER_NOTE } from './load/wrk.ts';
import { median } from './measure/statistics.ts';
import { measureLibrary } from './stored/library.ts';
import {
  bytesOf,
  fillStore,
  STORED_CHANNEL,
  STORED_FIRST_NUMBER,
  STORED_RENDITION,
  storedSegments,
} from './stored/stored-segments.ts';
import { SERVER_CORE } from './start/cores.ts';
import { startLectern } from './start/lectern-process.ts';
import { startNginx } from './start/nginx.ts';

/** A segment of 720p: 1.6 s at 2.2 Mbit/s. */
const SEGMENT_BYTES = 440_000;
const SEGMENTS = 250;
const PUTS_AT_ONCE = 8;
const CHANNELS = 1000;
const BROADCASTS = 100_000;
const CONNECTIONS = 50;
const YAML = 'channels: [{ id: hall-7, title: Hall 7, publishKey: a-secret-of-hall-7 }]\n';

/** Puts into MinIO against bare puts, replays from store and cache against nginx, the memory of indexes, and the library. */
export const archive: Bench = {
  name: 'archive',
  title: 'the archive: segments into the store and out of it',
  needs: ['ffmpeg', 's3'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const rounds = options.rounds ?? 3;
    const seconds = options.seconds ?? 8;
    const rows: Row[] = [
      ...(await measurePuts(rounds, say)),
      ...(await measureReplay(rounds, seconds, say)),
      ...(await measureIndexes(say)),
      ...(await measureLibrary(BROADCASTS, say)),
    ];
    const notes = LOADER_NOTE === null ? [] : [LOADER_NOTE];
    notes.push(
      `segments of ${SEGMENT_BYTES / 1000} kB; ${PUTS_AT_ONCE} puts at once, MinIO on the same two cores; medians of ${rounds} rounds`,
    );
    return { rows, notes, detail: rows };
  },
};

/** The whole path (spool, put, index, removal from the spool) against the same puts alone. */
async function measurePuts(rounds: number, say: (line: string) => void): Promise<Row[]> {
  const minio = await startMinio();
  const { segments } = storedSegments(SEGMENTS, SEGMENT_BYTES);
  const bodies = segments.map(bytesOf);
  const rates: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { endpoint, accessKey, secretKey } = minio;
      const settings = { endpoint, accessKey, secretKey, prefix: '', region: 'us-east-1' };
      const bare = new S3Store({ ...settings, bucket: `bare-${round}` });
      await bare.check();
      rates.bare.push(await perSecond(SEGMENTS, () => putAll(bare, bodies)));
      await bare.close();
      const store = new S3Store({ ...settings, bucket: `ours-${round}` });
      await store.check();
      rates.ours.push(await perSecond(SEGMENTS, () => archiveAll(store, segments)));
      await store.close();
      say(
        `round ${round + 1}: ours ${rates.ours.at(-1)?.toFixed(0)}, bare ${rates.bare.at(-1)?.toFixed(0)} segments/s`,
      );
    }
  } finally {
    await minio.stop();
  }
  const row = figure('into MinIO', median(rates.ours), 'bare puts', median(rates.bare));
  return [row];
}

/** Lectern's figure beside the peer's; it has no limit to meet. */
function figure(what: string, ours: number, peer: string, theirs: number | null): Row {
  return { ...rowByRatio(what, 'segments/s', ours, peer, theirs, { atLeast: 0 }), mark: '', met: null };
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedMs);
}

async function putAll(store: ObjectStore, bodies: readonly Buffer[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < bodies.length; i = next++) {
      const body = bodies[i];
      if (body !== undefined) await store.put(`media/bare/${i}.m4s`, body);
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker));
}

async function archiveAll(store: ObjectStore, segments: readonly Segment[]): Promise<void> {
  const dir = makeTempDir();
  const spool = await Spool.open(join(dir.path, 'spool'));
  const index = new ArchiveIndex(store, () => systemClock.nowMs());
  const archive = new Archive({
    ...{ store, spool, index, clock: systemClock, logger: silentLogger },
    ...{ maxSpoolBytes: 1e9, flushMs: 5000 },
  });
  await archive.start();
  for (const segment of segments) archive.take(STORED_CHANNEL, STORED_RENDITION, segment);
  await archive.settled();
  await archive.stop();
  dir.remove();
}

/** Reads one segment repeatedly (from the cache), and all in turn with a cache too small for any (from the store). */
async function measureReplay(rounds: number, seconds: number, say: (line: string) => void): Promise<Row[]> {
  const { init, segments } = storedSegments(SEGMENTS, SEGMENT_BYTES);
  const path = (i: number): string =>
    `/media/${STORED_CHANNEL}/${STORED_RENDITION}/${STORED_FIRST_NUMBER + i}.m4s`;
  const files = Object.fromEntries(segments.map((segment, i) => [path(i), bytesOf(segment)]));
  const rows: Row[] = [];
  const prepare = async (dataDir: string): Promise<void> => {
    const store = await FilesStore.open(join(dataDir, 'store'));
    await fillStore(store, init, segments);
    await store.close();
  };
  for (const [what, cacheMiB] of [
    ['out of the cache', 256],
    ['out of the store', 1],
  ] as const) {
    const yaml = `${YAML}archive: { cacheMiB: ${cacheMiB}, keepDays: 36500 }\n`;
    const lectern = await startLectern(yaml, { role: 'origin', core: SERVER_CORE, prepare });
    const nginx = await startNginx(files, SERVER_CORE);
    const rates: Record<'ours' | 'nginx', number[]> = { ours: [], nginx: [] };
    try {
      for (let round = 0; round < rounds; round += 1) {
        for (const [name, url] of [
          ['ours', lectern.url],
          ['nginx', nginx?.url],
        ] as const) {
          if (url === undefined) continue;
          const rate =
            cacheMiB > 1
              ? (await load({ url: url + path(0), seconds, connections: CONNECTIONS, headers: {} }))
                  .requestsPerS
              : await perSecond(SEGMENTS * 2, () => fetchAll(url, path));
          rates[name].push(rate);
        }
      }
    } finally {
      await nginx?.stop();
      await lectern.stop();
    }
    const theirs = rates.nginx.length > 0 ? median(rates.nginx) : null;
    say(`${what}: ours ${median(rates.ours).toFixed(0)}, nginx ${theirs?.toFixed(0) ?? '?'} segments/s`);
    rows.push(figure(`replay ${what}`, median(rates.ours), 'nginx, same files', theirs));
  }
  return rows;
}

/** All segments twice, eight at a time, in an order for which a small cache is of no use. */
async function fetchAll(url: string, path: (i: number) => string): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < SEGMENTS * 2; i = next++) {
      const answer = await fetch(url + path(i % SEGMENTS));
      if (answer.status !== 200) throw new Error(`${path(i % SEGMENTS)}: ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker));
}

/** A lesson of 45 minutes on each of 1,000 channels, read one after the other; the heap after each tenth of them. */
async function measureIndexes(say: (line: string) => void): Promise<Row[]> {
  setFlagsFromString('--expose_gc');
  const collect: unknown = runInNewContext('gc');
  const heapMiB = (): number => {
    if (typeof collect === 'function') collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const index = new ArchiveIndex(indexesOnly(), () => BLOCK_MS * 1000);
  const before = heapMiB();
  const grown: number[] = [];
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    await index.between(`hall-${channel}`, { fromMs: BLOCK_MS * 10, toMs: BLOCK_MS * 10 + 45 * 60_000 });
    if ((channel + 1) % (CHANNELS / 10) === 0) grown.push(heapMiB() - before);
  }
  say(`heap after each ${CHANNELS / 10} channels: ${grown.map((mib) => mib.toFixed(0)).join(', ')} MiB`);
  const second = grown[1] ?? Number.NaN;
  const last = grown.at(-1) ?? Number.NaN;
  return [
    rowAtMost(
      `indexes of ${CHANNELS} lessons, heap at the end against that at a fifth`,
      '×',
      last / second,
      1.2,
    ),
  ];
}

/** A store of nothing but index blocks, each generated when it is read: four renditions of every number. */
function indexesOnly(): ObjectStore {
  const refuse = async (): Promise<never> => {
    throw new Error('this store is for reading blocks');
  };
  return {
    get: async (key) => {
      const blockMs = Number(/\/(\d+)\.jsonl$/.exec(key)?.[1]);
      const segments: StoredSegment[] = [];
      for (let i = 0; i < 256; i += 1) {
        for (const rendition of ['720p', '480p', '360p', 'audio']) {
          const number = blockMs / 1600 + i;
          segments.push({
            ...{
              rendition,
              number,
              startTicks: number * 144_000,
              durationTicks: 144_000,
              timescaleHz: 90_000,
            },
            ...{ frames: 40, initHash: '0123456789ab', sizeBytes: 300_000 },
          });
        }
      }
      return Buffer.from(formatBlock(segments), 'utf8');
    },
    ...{ put: refuse, getRange: refuse, stat: refuse, delete: refuse, close: refuse },
    list: () => {
      throw new Error('this store is for reading blocks');
    },
  };
}
