import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import { startSyntheticFeed, SYNTHETIC_YAML, type SyntheticFeed } from './load/synthetic-feed.ts';
import { runViewers, type ViewersReport } from './load/viewer-load.ts';
import { coresBetween, readCpu } from './measure/cpu-time.ts';
import { summarize, type Summary } from './measure/statistics.ts';
import { startWallClock } from './publish/wall-clock.ts';
import { fetchRenditions } from './served/renditions.ts';
import { canPin, LOAD_CORE, SERVER_CORE } from './start/cores.ts';
import { startLectern } from './start/lectern-process.ts';
import { NO_MEDIAMTX, startMediaMtx } from './start/mediamtx.ts';

const STEPS = [100, 300, 500, 600, 800, 1000, 1200] as const;
const MARK_VIEWERS = 500;
const MARK_MS = 100;

type Step = ViewersReport & {
  readonly count: number;
  /** From the push of a part's last picture to the last viewer who was told; null where nobody knows the push. */
  readonly afterPushMs: Summary | null;
  /** Cores of the server. */
  readonly cores: number;
  readonly broke: boolean;
};

/** Whole LL-HLS viewers on one origin process: how late, and how many until it breaks. */
export const viewers: Bench = {
  name: 'viewers',
  title: 'whole LL-HLS viewers (picture and sound) on one origin process, parts of 0.2 s',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const counts = options.viewers ?? STEPS;
    const seconds = options.seconds ?? 15;
    const notes = canPin() ? [] : ['no second core, or no taskset: server and viewers share the machine'];
    const ours = await measureOurs(counts, seconds, say);
    const theirs = await measureMediaMtx(counts, seconds, say);
    if (theirs === null) notes.push(NO_MEDIAMTX);
    const peer = theirs === null ? '' : 'MediaMTX';
    const rows: Row[] = [];
    for (const step of ours) {
      const other = theirs?.find(({ count }) => count === step.count);
      const mark = step.count === MARK_VIEWERS ? MARK_MS : null;
      const at = `${step.count} viewers`;
      rows.push(
        rowAtMost(`${at}: release p50`, 'ms', step.releaseMs.p50, null, peer, other?.releaseMs.p50 ?? null),
        rowAtMost(`${at}: release p99`, 'ms', step.releaseMs.p99, mark, peer, other?.releaseMs.p99 ?? null),
        rowAtMost(
          `${at}: behind`,
          '',
          step.behind,
          step.count === MARK_VIEWERS ? 0 : null,
          peer,
          other?.behind ?? null,
        ),
      );
      if (step.afterPushMs !== null) {
        rows.push(
          rowAtMost(`${at}: from the push to the last viewer, p50`, 'ms', step.afterPushMs.p50, null),
        );
      }
      if (step.cpuS > 0.9 * seconds)
        notes.push(`${at}: the simulation itself took ${(step.cpuS / seconds).toFixed(2)} of a core`);
    }
    const most = (steps: readonly Step[] | null): number | null =>
      steps === null ? null : Math.max(0, ...steps.filter(({ broke }) => !broke).map(({ count }) => count));
    rows.push({
      what: 'most viewers with nobody behind',
      unit: '',
      ours: most(ours),
      peer,
      theirs: most(theirs),
      mark: '',
      met: null,
    });
    notes.push(
      'release: from the moment at which the first viewer is told of a part to the moment at which each is',
    );
    if (theirs !== null)
      notes.push('MediaMTX may use both cores; Lectern has one, and the viewers have the other');
    const small = (steps: readonly Step[] | null): object[] | null =>
      steps?.map(({ parts: _parts, ...rest }) => rest) ?? null;
    return { rows, notes, detail: { seconds, ours: small(ours), theirs: small(theirs) } };
  },
};

async function measureOurs(
  counts: readonly number[],
  seconds: number,
  say: (line: string) => void,
): Promise<Step[]> {
  const lectern = await startLectern(SYNTHETIC_YAML, { role: 'origin', core: SERVER_CORE });
  const feed = await startSyntheticFeed(lectern, null);
  const playlists = ['720p', 'audio'].map((id) => `${lectern.url}/live/hall-7/${id}.m3u8`);
  try {
    return await climb('Lectern', counts, seconds, { pid: lectern.pid, playlists, feed, say });
  } finally {
    await feed.stop();
    await lectern.stop();
  }
}

async function measureMediaMtx(
  counts: readonly number[],
  seconds: number,
  say: (line: string) => void,
): Promise<Step[] | null> {
  const mediamtx = await startMediaMtx();
  if (mediamtx === null) return null;
  const publisher = await startWallClock({ url: mediamtx.rtmpUrl, fps: 25, widthPx: 640, heightPx: 360 });
  try {
    await mediamtx.waitUntilLive();
    const { video, audio } = await fetchRenditions(`${mediamtx.pageUrl}/index.m3u8`);
    const playlists = audio === null ? [video] : [video, audio];
    return await climb('MediaMTX', counts, seconds, { pid: mediamtx.pid, playlists, feed: null, say });
  } finally {
    await publisher.stop();
    await mediamtx.stop();
  }
}

/** More and more viewers, until somebody falls behind. */
async function climb(
  name: string,
  counts: readonly number[],
  seconds: number,
  server: {
    readonly pid: number;
    readonly playlists: readonly string[];
    readonly feed: SyntheticFeed | null;
    say(line: string): void;
  },
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const count of counts) {
    const before = readCpu({ server: server.pid });
    const startMs = Date.now();
    const report = await runViewers({ playlists: server.playlists, count }, seconds, LOAD_CORE);
    const cores =
      coresBetween(before, readCpu({ server: server.pid }), (Date.now() - startMs) / 1000)['server'] ?? 0;
    const afterPushMs = server.feed === null ? null : afterPush(report, server.feed);
    const broke = report.behind > 0 || report.announced === 0 || report.ended > 0;
    steps.push({ ...report, count, cores, broke, afterPushMs });
    const { p50, p99 } = report.releaseMs;
    server.say(
      `${name}, ${count} viewers: release ${p50.toFixed(1)} / ${p99.toFixed(1)} ms (p50 / p99), ${report.behind} behind, ` +
        `${report.failures} failures, server ${cores.toFixed(2)} cores, simulation ${(report.cpuS / seconds).toFixed(2)}`,
    );
    if (broke) break;
  }
  return steps;
}

/** From the push of a part of the picture to the last viewer who was told of it. */
function afterPush({ parts }: ViewersReport, feed: SyntheticFeed): Summary {
  return summarize(
    parts.flatMap(({ key, lastMs }) => {
      const match = /720p\.m3u8 (\d+)\.(\d+)$/.exec(key);
      // Number and part in parts of 0.2 s, eight a segment; the part ends one later.
      const pushedMs =
        match === null ? undefined : feed.pushedAtMs((Number(match[1]) * 8 + Number(match[2]) + 1) * 200);
      return pushedMs === undefined ? [] : [lastMs - pushedMs];
    }),
  );
}
