import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FilesStore } from '../origin/store/files-store.ts';
import { SEGMENT_DURATION_MS } from '../shared/grid.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import { startStorm } from './crowd/storm.ts';
import { startSyntheticFeed, SYNTHETIC_YAML } from './load/synthetic-feed.ts';
import { runViewers, type ViewersReport } from './load/viewer-load.ts';
import { summarize, type Summary } from './measure/statistics.ts';
import { LOAD_CORE, SERVER_CORE } from './start/cores.ts';
import { startLectern } from './start/lectern-process.ts';
import {
  fillStore,
  STORED_CHANNEL,
  STORED_FIRST_NUMBER,
  STORED_RENDITION,
  storedSegments,
} from './stored/stored-segments.ts';

const VIEWERS = 50;
const BROADCASTS = 100_000;
const LIBRARY_CHANNELS = 400;
/** A lesson of 13 minutes. */
const SEGMENTS = 500;
const SEGMENT_BYTES = 200_000;
const STORM = { downloads: 200, replays: 50, searches: 20 };
const LATER_MS = 100;
const LOAD_WITHIN_MS = 120_000;

/** What many who ask for the past do to a class that is on air. */
export const crowd: Bench = {
  name: 'crowd',
  title: 'a class beside 200 downloads, 50 replays and a search storm',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const { rows, detail } = await measureStorm(options.seconds ?? 20, say);
    return {
      rows,
      notes: [
        'live parts: from the push of a part’s last picture to the last of 50 viewers who is told of it',
        'storm: everybody asks again at once; one origin on one core, viewers and storm on the other, viewers first',
      ],
      detail,
    };
  },
};

async function measureStorm(
  seconds: number,
  say: (line: string) => void,
): Promise<{ readonly rows: Row[]; readonly detail: object }> {
  const yaml = `${SYNTHETIC_YAML}archive: { keepDays: 36500 }\n`;
  const lectern = await startLectern(yaml, { role: 'origin', core: SERVER_CORE, prepare: fillPast });
  const feed = await startSyntheticFeed(lectern, LOAD_CORE);
  try {
    say('the library is being read');
    await waitFor(
      'the library is read',
      async () => (await fetch(`${lectern.url}/api/broadcasts?limit=1`)).status === 200,
      LOAD_WITHIN_MS,
    );
    const watch = async (): Promise<Summary> => {
      const playlists = ['720p', 'audio'].map((id) => `${lectern.url}/live/hall-7/${id}.m3u8`);
      const report = await runViewers({ playlists, count: VIEWERS, runsFirst: true }, seconds, LOAD_CORE);
      return afterPush(report, (endMs) => feed.pushedAtMs(endMs));
    };
    const alone = await watch();
    say(`alone: ${describe(alone)}`);
    const storm = await startStorm(
      {
        ...STORM,
        url: lectern.url,
        download: `/api/channels/${STORED_CHANNEL}/broadcasts/stored/video.mp4`,
        replay: { channel: STORED_CHANNEL, rendition: STORED_RENDITION, ...lessonTimes() },
      },
      LOAD_CORE,
    );
    const beside = await watch();
    const report = await storm.stop();
    const mib = report.downloadedBytes / 2 ** 20;
    say(
      `beside the storm: ${describe(beside)}; ${mib.toFixed(0)} MiB and ${report.downloads} files downloaded, ` +
        `${report.replayed} replays, ${report.searches} searches, ${report.refused} refused, ${report.failed} failed`,
    );
    const later = beside.p99 - alone.p99;
    return {
      rows: [
        rowAtMost('live parts p50, beside the storm', 'ms', beside.p50, null, 'alone', alone.p50),
        rowAtMost('live parts p99, beside the storm', 'ms', beside.p99, null, 'alone', alone.p99),
        rowAtMost('live parts p99, later by the storm', 'ms', later, LATER_MS),
        rowAtMost('downloaded meanwhile', 'MiB/s', mib / (seconds + 3), null),
        rowAtMost('searches of 100,000 broadcasts meanwhile', '1/s', report.searches / (seconds + 3), null),
        rowAtMost('requests of the storm that failed', '', report.failed, 0),
      ],
      detail: { alone, beside, storm: report },
    };
  } finally {
    await feed.stop();
    await lectern.stop();
  }
}

function lessonTimes(): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = STORED_FIRST_NUMBER * SEGMENT_DURATION_MS;
  return { fromMs, toMs: fromMs + SEGMENTS * SEGMENT_DURATION_MS };
}

/** A lesson in the store, and a library around it; written without the store, which would sync each object to the disk. */
async function fillPast(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'store');
  const store = await FilesStore.open(folder);
  const { init, segments } = storedSegments(SEGMENTS, SEGMENT_BYTES);
  await fillStore(store, init, segments);
  await store.close();
  const { fromMs, toMs } = lessonTimes();
  const write = (channel: string, id: string, record: object): void => {
    const path = join(folder, 'broadcasts', channel, `${id}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `${JSON.stringify({ id, channel, language: 'en', gaps: [], keep: false, ...record })}\n`,
    );
  };
  write(STORED_CHANNEL, 'stored', { title: 'The stored lesson', startMs: fromMs, endMs: toMs });
  for (let i = 0; i < BROADCASTS; i += 1) {
    const startMs = 1_600_000_000_000 + Math.floor(i / LIBRARY_CHANNELS) * 10_800_000;
    write(`room-${i % LIBRARY_CHANNELS}`, `b${i}`, {
      ...{ title: `Lesson ${i % 60}: adding and subtracting fractions`, grade: 1 + (i % 12) },
      ...{ teacher: `Teacher ${i % LIBRARY_CHANNELS}`, startMs, endMs: startMs + 2_700_000 },
    });
  }
}

/** From the push of a part's last picture to the last viewer who is told of it. */
function afterPush({ parts }: ViewersReport, pushedAtMs: (partEndMs: number) => number | undefined): Summary {
  return summarize(
    parts.flatMap(({ key, lastMs }) => {
      const match = /720p\.m3u8 (\d+)\.(\d+)$/.exec(key);
      // Number and part in parts of 0.2 s, eight a segment; the part ends one later.
      const pushedMs =
        match === null ? undefined : pushedAtMs((Number(match[1]) * 8 + Number(match[2]) + 1) * 200);
      return pushedMs === undefined ? [] : [lastMs - pushedMs];
    }),
  );
}

function describe({ p50, p99, max }: Summary): string {
  return `last viewer told ${p50.toFixed(0)} / ${p99.toFixed(0)} / ${max.toFixed(0)} ms after the push (p50 / p99 / max)`;
}
