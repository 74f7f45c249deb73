import { setTimeout as after } from 'node:timers/promises';
import type { LatencyProfile } from '../config/schema.ts';
import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import { startDefaultPlayer } from './glass/default-player.ts';
import { measureStages, stageRows } from './glass/stages.ts';
import { type WatchReport, watchPage } from './glass/watch.ts';
import { coresBetween, type CpuReading, listProcesses, readCpu } from './measure/cpu-time.ts';
import { startWallClock } from './publish/wall-clock.ts';
import { fetchRenditions } from './served/renditions.ts';
import { startLectern } from './start/lectern-process.ts';
import { NO_MEDIAMTX, startMediaMtx } from './start/mediamtx.ts';

const SIZE = { widthPx: 1280, heightPx: 720 };
const P95_MS: Readonly<Record<LatencyProfile, number | null>> = { fast: 500, steady: null, broad: null };
const FIRST_FRAME_MS = 500;
/** A peer is watched for a part of the time: it is there for the ratio. */
const PEER_JOINS = 3;
const PEER_SECONDS = 15;

/** From the burnt-in clock through RTMP, ladder, LL-HLS and player to the display. */
export const glass: Bench = {
  name: 'glass',
  title: 'glass to glass: burnt-in clock → RTMP → ladder of 3 → LL-HLS → Chromium, one machine',
  needs: ['ffmpeg', 'chromium'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const rows: Row[] = [];
    const notes: string[] = [];
    const detail: unknown[] = [];
    for (const profile of options.profiles ?? (['fast'] as const)) {
      for (const fps of options.fps ?? [25, 30]) {
        const joins = options.joins ?? 5;
        const minutes = options.minutes ?? 2;
        say(`${profile}, ${fps} fps: ${joins} joins in ${minutes} min`);
        const result = await runOnce({ profile, fps, joins, seconds: (minutes * 60) / joins, say });
        rows.push(...result.rows);
        notes.push(...result.notes.filter((note) => !notes.includes(note)));
        detail.push(result.detail);
      }
    }
    return { rows, notes, detail };
  },
};

type Condition = {
  readonly profile: LatencyProfile;
  readonly fps: number;
  readonly joins: number;
  /** Of one join. */
  readonly seconds: number;
  readonly say: (line: string) => void;
};

async function runOnce({ profile, fps, joins, seconds, say }: Condition): Promise<BenchResult> {
  const notes: string[] = [];
  const yaml = `channels:\n  - {id: hall-7, title: Hall 7, publishKey: hall-7-stream-key}\nlatency: ${profile}\n`;
  const lectern = await startLectern(yaml);
  const player = await startDefaultPlayer();
  const playlist = `${lectern.url}/live/hall-7/index.m3u8`;
  const publisher = await startWallClock({
    url: lectern.publishUrl('hall-7', 'hall-7-stream-key'),
    fps,
    ...SIZE,
  });
  const where = `${profile} ${fps} fps`;
  let ours: WatchReport;
  let plain: WatchReport;
  let stages: Awaited<ReturnType<typeof measureStages>>;
  let cores: Record<string, number>;
  try {
    await lectern.waitForState('hall-7', 'on-air');
    await fetchRenditions(playlist);
    await after(3000);
    const classOf = (name: string, root: string): string => (name === 'ffmpeg' ? `${root} ffmpeg` : root);
    const read = (): CpuReading => {
      const browser = listProcesses().find(
        ({ name, parentPid }) => parentPid === process.pid && /chrom/i.test(name),
      );
      return readCpu(
        { lectern: lectern.pid, publisher: publisher.pid, chromium: browser?.pid ?? -1 },
        classOf,
      );
    };
    const before = read();
    const startMs = Date.now();
    let end = before;
    ours = await watchPage(`${lectern.url}/watch/hall-7`, joins, seconds, say, () => {
      end = read();
    });
    cores = coresBetween(before, end, (Date.now() - startMs) / 1000);
    say(
      `cores: ${Object.entries(cores)
        .map(([name, value]) => `${name} ${value.toFixed(2)}`)
        .join(', ')}`,
    );
    stages = await measureStages({
      lectern,
      publisher,
      fps,
      seconds: 20,
      page: `${lectern.url}/watch/hall-7`,
    });
    say('the same stream, hls.js as it comes:');
    plain = await watchPage(player.urlFor(playlist), Math.min(joins, PEER_JOINS), PEER_SECONDS, say);
  } finally {
    await publisher.stop();
    await lectern.stop();
  }
  const peers: { readonly name: string; readonly report: WatchReport }[] = [
    { name: 'hls.js as it comes', report: plain },
  ];
  try {
    peers.push(...(await watchMediaMtx(player.urlFor, fps, Math.min(joins, PEER_JOINS), say)));
    if (peers.length === 1) notes.push(NO_MEDIAMTX);
  } catch (error) {
    notes.push(`MediaMTX could not be measured: ${String(error)}`);
  } finally {
    player.stop();
  }
  const rows = peers.flatMap(({ name, report }): Row[] => [
    rowAtMost(`${where}: p95`, 'ms', ours.latencyMs.p95, P95_MS[profile], name, report.latencyMs.p95),
    rowAtMost(`${where}: p50`, 'ms', ours.latencyMs.p50, null, name, report.latencyMs.p50),
    rowAtMost(
      `${where}: first frame p50`,
      'ms',
      ours.firstFrameMs.p50,
      FIRST_FRAME_MS,
      name,
      report.firstFrameMs.p50,
    ),
    rowAtMost(`${where}: stalls`, '', ours.stalls, 0, name, report.stalls),
  ]);
  const own: Row[] = [
    rowAtMost(`${where}: p99`, 'ms', ours.latencyMs.p99, null),
    rowAtMost(`${where}: max`, 'ms', ours.latencyMs.max, null),
    rowAtMost(
      `${where}: worst join's p95`,
      'ms',
      Math.max(...ours.joins.map(({ latencyMs }) => latencyMs.p95)),
      null,
    ),
    rowAtMost(`${where}: dropped frames`, '', ours.droppedFrames, null),
    ...Object.entries(cores).map(([name, value]) => rowAtMost(`${where}: cores, ${name}`, '', value, null)),
  ];
  const withoutPages = ({ pages: _pages, ...rest }: WatchReport): object => rest;
  return {
    rows: [...rows, ...own, ...stageRows(where, stages)],
    notes,
    detail: {
      ...{ profile, fps, seconds, cores, stages, ours: withoutPages(ours) },
      peers: peers.map(({ name, report }) => ({ name, ...withoutPages(report) })),
    },
  };
}

/** MediaMTX on the same publisher: with its own page, and with hls.js as it comes. It encodes nothing anew. */
async function watchMediaMtx(
  urlFor: (playlist: string) => string,
  fps: number,
  joins: number,
  say: (line: string) => void,
): Promise<{ readonly name: string; readonly report: WatchReport }[]> {
  const mediamtx = await startMediaMtx();
  if (mediamtx === null) return [];
  const publisher = await startWallClock({ url: mediamtx.rtmpUrl, fps, ...SIZE });
  try {
    await mediamtx.waitUntilLive();
    await after(3000);
    say('MediaMTX without any transcode, its own page:');
    const own = await watchPage(`${mediamtx.pageUrl}/?muted=true`, joins, PEER_SECONDS, say);
    say('MediaMTX without any transcode, hls.js as it comes:');
    const plain = await watchPage(urlFor(`${mediamtx.pageUrl}/index.m3u8`), joins, PEER_SECONDS, say);
    return [
      { name: 'MediaMTX, its page', report: own },
      { name: 'MediaMTX, hls.js', report: plain },
    ];
  } finally {
    await publisher.stop();
    await mediamtx.stop();
  }
}
