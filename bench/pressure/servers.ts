import { listProcesses, processTree } from '../measure/cpu-time.ts';
import { fetchRenditions } from '../served/renditions.ts';
import { type LecternProcess, startLectern } from '../start/lectern-process.ts';
import { type MediaMtx, startMediaMtx } from '../start/mediamtx.ts';
import { fetchClassReport } from './pipeline-report.ts';
import type { StagedServer } from './stage.ts';

const KEY = 'the-stream-key';

/** Ours, with what only it has. */
export type StagedLectern = StagedServer & { readonly lectern: LecternProcess; stop(): Promise<void> };

/**
 * Starts `lectern up` with some channels and the default ladder.
 *
 * @param more further lines of the configuration
 */
export async function stageLectern(classes: number, more = ''): Promise<StagedLectern> {
  const ids = Array.from({ length: classes }, (_, at) => `hall-${at + 1}`);
  const channels = ids.map((id) => `  - {id: ${id}, title: ${id}, publishKey: ${KEY}}\n`).join('');
  const lectern = await startLectern(`channels:\n${channels}latency: fast\n${more}`, { ownSession: true });
  const operator = await lectern.token('operator');
  const idOf = (at: number): string => ids[at] ?? '';
  return {
    ...{ lectern, pid: lectern.pid, rtmpPort: lectern.rtmpPort, stop: () => lectern.stop() },
    nameOf: (at) => `${idOf(at)}?key=${KEY}`,
    renditionsOf: async (at) => {
      await lectern.waitForState(idOf(at), 'on-air');
      return fetchRenditions(`${lectern.url}/live/${idOf(at)}/index.m3u8`);
    },
    reports: (count) => Promise.all(ids.slice(0, count).map((id) => fetchClassReport(lectern, operator, id))),
    encoders: () => ffmpegsOf(lectern.pid),
  };
}

/** The peer, with what only it has. */
export type StagedMediaMtx = StagedServer & { readonly mediamtx: MediaMtx; stop(): Promise<void> };

/** The ladder of the default configuration, as a user of MediaMTX writes it for `runOnReady`. */
const RUNGS = [
  { height: 720, kbps: 2200 },
  { height: 480, kbps: 900 },
  { height: 360, kbps: 500 },
] as const;

/**
 * Starts MediaMTX with an ffmpeg for each class that is on air: three renditions of it, each a path of its own.
 *
 * @returns null where there is no MediaMTX
 */
export async function stageMediaMtx(): Promise<StagedMediaMtx | null> {
  const mediamtx = await startMediaMtx(200, null, (rtmpPort) => [
    'paths:',
    '  "~^live/(.+)$":',
    `    runOnReady: ${ladderCommand(rtmpPort)}`,
    '    runOnReadyRestart: true',
    '  all_others:',
  ]);
  if (mediamtx === null) return null;
  const base = mediamtx.pageUrl.replace(/\/live\/hall-7$/, '');
  const rung = async (at: number, height: number): Promise<Awaited<ReturnType<typeof fetchRenditions>>> => {
    const url = `${base}/${height}p/live/hall-${at + 1}/index.m3u8`;
    return fetchRenditions(url);
  };
  return {
    ...{ mediamtx, pid: mediamtx.pid, rtmpPort: mediamtx.rtmpPort, stop: () => mediamtx.stop() },
    nameOf: (at) => `hall-${at + 1}`,
    renditionsOf: async (at) => {
      const [top, lowest] = [await rung(at, 720), await rung(at, 360)];
      return { ...top, lowest: lowest.video };
    },
    reports: () => Promise.resolve([]),
    encoders: () => ffmpegsOf(mediamtx.pid),
  };
}

/** Address of the top rung's playlist of a class of the peer. */
export function topPlaylistOf({ mediamtx }: StagedMediaMtx, at: number): string {
  return `${mediamtx.pageUrl.replace(/\/live\/hall-7$/, '')}/720p/live/hall-${at + 1}/index.m3u8`;
}

function ladderCommand(rtmpPort: number): string {
  const server = `rtmp://127.0.0.1:${rtmpPort}`;
  const split = `[0:v]split=3[a][b][c];${RUNGS.map(({ height }, at) => `[${'abc'[at]}]scale=-2:${height}[${'xyz'[at]}]`).join(';')}`;
  const outputs = RUNGS.map(({ height, kbps }, at) =>
    [
      `-map [${'xyz'[at]}] -map 0:a -c:v libx264 -preset superfast -tune zerolatency -b:v ${kbps}k -maxrate ${kbps * 1.2}k`,
      `-bufsize ${kbps}k -g 25 -keyint_min 25 -sc_threshold 0 -c:a copy -f flv ${server}/${height}p/$MTX_PATH`,
    ].join(' '),
  );
  // Quotes within: MediaMTX splits the command as a shell does.
  return `ffmpeg -hide_banner -nostdin -loglevel error -fflags nobuffer -i ${server}/$MTX_PATH -filter_complex "${split}" ${outputs.join(' ')}`;
}

function ffmpegsOf(pid: number): number[] {
  return processTree(pid, listProcesses()).flatMap((member) =>
    member.name === 'ffmpeg' ? [member.pid] : [],
  );
}
