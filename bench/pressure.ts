import { setTimeout as after } from 'node:timers/promises';
import { type Bench, type BenchContext, type BenchResult, type Row } from './bench.ts';
import { startDefaultPlayer } from './glass/default-player.ts';
import { type ClipMedia, readClip } from './pressure/clip-media.ts';
import { startClipPublishers, type ClipPublishers } from './pressure/clip-publishers.ts';
import { makeClip } from './pressure/clips.ts';
import { measureFirst } from './measure/measure-first.ts';
import { type PageJoin, watchClip } from './pressure/page-viewer.ts';
import { burnRows, classesRows, joinsRows, soakRows, stopRows } from './pressure/rows.ts';
import { type BurnResult, burnScene } from './pressure/scene-burn.ts';
import { type ClassesResult, classesScene } from './pressure/scene-classes.ts';
import { soakScene } from './pressure/scene-soak.ts';
import { stopScene } from './pressure/scene-stop.ts';
import { stageLectern, stageMediaMtx, topPlaylistOf } from './pressure/servers.ts';
import { openStage, type StagedServer } from './pressure/stage.ts';
import { BenchUsageError } from './options.ts';
import { NO_MEDIAMTX } from './start/mediamtx.ts';

const SCENES = ['joins', 'burn', 'off', 'classes', 'stop', 'soak'] as const;
type Scene = (typeof SCENES)[number];
const BY_DEFAULT: readonly Scene[] = ['joins', 'burn', 'off', 'classes', 'stop'];
/** Switches the encoding plans off: what the machine does without them. */
const SHEDDING_OFF = 'ladder: {shed: []}\n';
const CALM_S = 8;
const CLASSES = [4, 8] as const;
const SOAK_MINUTES = 60;
const JOINS = 3;
const JOIN_S = 12;
/** How long the class is on air before the first join, seconds. */
const JOIN_SETTLE_S = 15;
const PEER = 'MediaMTX and ffmpeg';

/** Classes on a machine that is short of processor: how late, how still, how silent, and how soon all is well again. */
export const pressure: Bench = {
  name: 'pressure',
  title:
    'classes of a real clip on a machine that others use too: lag, plan, still pictures, holes in the sound',
  needs: ['ffmpeg', 'chromium'],
  run: async (context): Promise<BenchResult> => {
    const { options, say } = context;
    const scenes = scenesOf(options.scenes, options.burn);
    const file = await makeClip(options.clip ?? 'film', say);
    const clip = readClip(file);
    const publishers = await startClipPublishers(file);
    const first = measureFirst();
    const run: Run = { ...context, clip, publishers, notes: [], detail: {} };
    const rows: Row[] = [];
    try {
      for (const scene of scenes) {
        say(`${scene}:`);
        rows.push(...(await RUN[scene](run)));
      }
    } finally {
      await publishers.stop();
    }
    const notes = [
      first,
      `clip: ${options.clip ?? 'film'}; the publishers encode nothing`,
      ...publishers.lost.map((lost) => `a publisher lost its connection: ${lost}`),
      ...new Set(run.notes),
    ];
    return { rows, notes, detail: run.detail };
  },
};

/** What every scene of a run shares. */
type Run = BenchContext & {
  readonly clip: ClipMedia;
  readonly publishers: ClipPublishers;
  readonly notes: string[];
  readonly detail: Record<string, unknown>;
};

const RUN: Readonly<Record<Scene, (run: Run) => Promise<Row[]>>> = {
  joins: async (run) => {
    const joins = run.options.joins ?? JOINS;
    const ours = await withLectern(1, '', (server) =>
      joinsOf(run, server, joins, () => `${server.lectern.url}/watch/hall-1`),
    );
    const theirs = await withPeer(run, (server, playerUrl) =>
      joinsOf(run, server, joins, () => playerUrl(topPlaylistOf(server, 0))),
    );
    run.detail['joins'] = { ours, theirs };
    return joinsRows(ours, PEER, theirs);
  },
  burn: async (run) => {
    const ours = await withLectern(1, '', (server) =>
      burnOf(run, server, `${server.lectern.url}/watch/hall-1`),
    );
    const theirs = await withPeer(run, (server, playerUrl) =>
      burnOf(run, server, playerUrl(topPlaylistOf(server, 0))),
    );
    run.detail['burn'] = { ours, theirs };
    run.notes.push(`burner beside ours: ${ours.burner}`, `plans beside the burner: ${ours.plans}`);
    if (ours.refused.length > 0)
      run.notes.push(`${ours.refused.length} listed parts never came, first: ${ours.refused[0]}`);
    if (theirs !== null) run.notes.push(`burner beside ${PEER}: ${theirs.burner}`);
    return burnRows(burnName(run), ours, PEER, theirs);
  },
  off: async (run) => {
    try {
      const off = await withLectern(1, SHEDDING_OFF, (server) =>
        burnOf(run, server, `${server.lectern.url}/watch/hall-1`),
      );
      run.detail['off'] = off;
      return burnRows(`${burnName(run)}, shedding off`, off, '', null, false);
    } catch (error) {
      run.notes.push(`shedding off could not be measured: ${String(error).slice(0, 200)}`);
      return [];
    }
  },
  classes: async (run) => {
    const rows: Row[] = [];
    for (const classes of run.options.classes ?? CLASSES) {
      const scene = (server: StagedServer): Promise<ClassesResult> =>
        classesScene(
          server,
          run.publishers,
          classes,
          run.options.seconds ?? 60,
          Math.min(60, run.options.seconds ?? 60),
          run.say,
        );
      const ours = await withLectern(classes, '', scene);
      const theirs = await withPeer(run, scene);
      run.detail[`classes ${classes}`] = { ours, theirs };
      ours.plans.forEach((plan, at) =>
        run.notes.push(`${classes} classes, plan of class ${at + 1}: ${plan}`),
      );
      rows.push(...classesRows(classes, ours, PEER, theirs));
    }
    return rows;
  },
  stop: async (run) => {
    const scene = (server: StagedServer): ReturnType<typeof stopScene> =>
      stopScene(server, run.publishers, run.say);
    const ours = await withLectern(1, '', scene);
    const theirs = await withPeer(run, scene);
    run.detail['stop'] = { ours, theirs };
    return stopRows(ours, PEER, theirs);
  },
  soak: async (run) => {
    const minutes = run.options.minutes ?? SOAK_MINUTES;
    const kind = run.options.burnHard ? 'hard' : 'ordinary';
    const ours = await withLectern(1, '', (server) =>
      soakScene(server, run.publishers, minutes, kind, Math.random, run.say),
    );
    run.detail['soak'] = ours;
    run.notes.push(`plans in ${minutes} min: ${ours.plans}`);
    return soakRows(minutes, ours);
  },
};

function scenesOf(named: readonly string[] | null, burn: number | 'random' | null): readonly Scene[] {
  if (named === null) return burn === 'random' ? ['soak'] : BY_DEFAULT;
  return named.map((name) => {
    const scene = SCENES.find((known) => known === name);
    if (scene === undefined)
      throw new BenchUsageError(`--scenes: want ${SCENES.join(', ')}, got ${JSON.stringify(name)}`);
    return scene;
  });
}

function burnName({ options }: Run): string {
  return `burner of ${coresOf(options.burn)}${options.burnHard ? ', hard' : ''}`;
}

function coresOf(burn: number | 'random' | null): number {
  return typeof burn === 'number' ? burn : 1;
}

function burnOf(run: Run, server: StagedServer, pageUrl: string): Promise<BurnResult> {
  const { options, publishers, clip, say } = run;
  const burnS = options.seconds ?? 60;
  return burnScene({
    ...{ server, publishers, clip, pageUrl, say },
    burn: { cores: coresOf(options.burn), kind: options.burnHard ? 'hard' : 'ordinary' },
    times: { calmS: CALM_S, burnS, afterS: Math.min(60, burnS) },
  });
}

async function joinsOf(
  { publishers, options, say }: Run,
  server: StagedServer,
  joins: number,
  pageUrl: () => string,
): Promise<PageJoin[]> {
  const stage = await openStage(server, publishers, 1, 0, say);
  const [startMs = 0] = stage.startMs;
  try {
    // Who joins finds a class on air; both beginning in the same second is what the burner's scene shows.
    await after(JOIN_SETTLE_S * 1000);
    const seen = await watchClip(
      pageUrl(),
      joins,
      options.seconds === null ? JOIN_S : Math.min(options.seconds, JOIN_S),
      startMs,
    );
    for (const { latencyMs, firstFrameMs, stalls } of seen)
      say(
        `page p50 ${latencyMs.p50.toFixed(0)} p95 ${latencyMs.p95.toFixed(0)} ms, first frame ${firstFrameMs?.toFixed(0) ?? '–'} ms, ${stalls} stalls`,
      );
    return seen;
  } finally {
    await stage.stop();
    await publishers.end(server.nameOf(0));
  }
}

async function withLectern<T>(
  classes: number,
  more: string,
  scene: (server: Awaited<ReturnType<typeof stageLectern>>) => Promise<T>,
): Promise<T> {
  const server = await stageLectern(classes, more);
  try {
    return await scene(server);
  } finally {
    await server.stop();
  }
}

/** Runs a scene with the peer; null where it is missing, or fails: the notes say so. */
async function withPeer<T>(
  run: Run,
  scene: (
    server: NonNullable<Awaited<ReturnType<typeof stageMediaMtx>>>,
    playerUrl: (playlist: string) => string,
  ) => Promise<T>,
): Promise<T | null> {
  if (!run.options.peer) return null;
  const server = await stageMediaMtx();
  if (server === null) {
    run.notes.push(NO_MEDIAMTX);
    return null;
  }
  const player = await startDefaultPlayer();
  try {
    run.say(`${PEER}:`);
    return await scene(server, player.urlFor);
  } catch (error) {
    run.notes.push(`${PEER} could not be measured: ${String(error).slice(0, 200)}`);
    return null;
  } finally {
    player.stop();
    await server.stop();
  }
}
