import { setTimeout as after } from 'node:timers/promises';
import { listProcesses, machineCpuS, readCpu } from '../measure/cpu-time.ts';
import type { Renditions } from '../served/renditions.ts';
import type { ClipPublishers } from './clip-publishers.ts';
import { EdgeViewer } from './edge-viewer.ts';
import type { ClassReport } from './pipeline-report.ts';
import { SecondLog } from './second-log.ts';

/** A server under measurement, ours or a peer. */
export type StagedServer = {
  readonly pid: number;
  readonly rtmpPort: number;
  /** Stream key of class `index`, from 0. */
  nameOf(index: number): string;
  /** Waits until class `index` is there; its media playlists. */
  renditionsOf(index: number): Promise<Renditions>;
  /** What it says of each class by itself; empty where it says nothing. */
  reports(classes: number): Promise<readonly ClassReport[]>;
  /** Process ids of the encoders. */
  encoders(): readonly number[];
};

/** Some classes on air, watched at their edge. */
export type Stage = {
  /** When the clip's time 0 was sent, by class; UTC milliseconds. */
  readonly startMs: readonly number[];
  /** Of the first class, with all parts: lowest rung, top rung, sound. */
  readonly kept: readonly EdgeViewer[];
  /** Of all classes. */
  readonly viewers: readonly (readonly EdgeViewer[])[];
  readonly log: SecondLog;
  /** Ends watching; publishers go on. */
  stop(): Promise<void>;
};

/**
 * Publishes the clip on some classes and begins to watch their edges.
 *
 * @param keep how many classes' parts are fetched and kept: each costs memory, and a little of the machine
 */
export async function openStage(
  server: StagedServer,
  publishers: ClipPublishers,
  classes: number,
  keep: number,
  say: (line: string) => void,
): Promise<Stage> {
  const startMs: number[] = [];
  const viewers: EdgeViewer[][] = [];
  for (let at = 0; at < classes; at += 1)
    startMs.push(await publishers.publish(server.rtmpPort, server.nameOf(at)));
  for (let at = 0; at < classes; at += 1) {
    const { lowest, video, audio } = await server.renditionsOf(at);
    const urls = [lowest, video, ...(audio === null ? [] : [audio])];
    viewers.push(urls.map((url) => new EdgeViewer(url, at < keep)));
  }
  const running = viewers.flat().map((viewer) => viewer.run());
  const log = new SecondLog(
    {
      ages: () => {
        const nowMs = Date.now();
        return viewers.map((own) => own.map((viewer) => viewer.ageMs(nowMs)));
      },
      reports: () => server.reports(classes),
      cpu: () => {
        const chromium = listProcesses().find(
          ({ name, parentPid }) => parentPid === process.pid && /chrom/i.test(name),
        );
        const roots = { server: server.pid, publishers: publishers.pid, browser: chromium?.pid ?? -1 };
        return { ...readCpu(roots), bench: ownCpuS(), ...machineCpuS() };
      },
    },
    say,
  );
  const logging = log.run();
  return {
    ...{ startMs, viewers, log, kept: viewers[0] ?? [] },
    stop: async () => {
      log.stop();
      for (const viewer of viewers.flat()) viewer.stop();
      await logging;
      // A viewer may still wait for an answer.
      await Promise.race([Promise.all(running), after(2000)]);
    },
  };
}

function ownCpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
