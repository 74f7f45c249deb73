import { readFileSync } from 'node:fs';
import { parseConfig } from '../../config/load.ts';
import { systemClock } from '../../shared/clock.ts';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { Logger } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import type { TranscodeJob } from '../../transcode/job.ts';
import { startTranscode } from '../../transcode/main.ts';
import { createJobQueue } from '../../transcode/queue/create-job-queue.ts';
import { readProcessStat } from '../measure/cpu-time.ts';
import { programOptions, tell } from '../start/program.ts';
import type { WorkerOptions } from './worker.ts';
import { sourceProof } from '../../shared/source-proof.ts';

// A transcode worker and its ffmpeg, with nothing else in the process.
const { sourceUrl, yaml } = programOptions() as WorkerOptions;
const config = {
  ...parseConfig(yaml, { FFMPEG_PATH: process.env['FFMPEG_PATH'] }),
  secret: 'a-secret-of-the-benchmarks',
};
/** Its own CPU time with that of the ffmpegs that have ended. */
const cpuS = (): number => readProcessStat(readFileSync('/proc/self/stat', 'utf8'))?.cpuS ?? Number.NaN;
const warnings: string[] = [];
let ended: (() => void) | null = null;
const end = new Promise<void>((resolve) => {
  ended = resolve;
});
const logger: Logger = {
  debug: () => {},
  info: (_fields, message) => {
    if (message.startsWith('broadcast ended')) ended?.();
  },
  warn: (_fields, message) => void warnings.push(message),
  error: (_fields, message) => {
    warnings.push(message);
    if (message.startsWith('transcoding failed')) ended?.();
  },
  child: () => logger,
};
const queue = createJobQueue({ config, logger });
const { origin } = new URL(sourceUrl);
const role = await startTranscode({
  ...{ config, logger, queue, clock: systemClock, metrics: createMetrics(), origins: () => [origin] },
});
// The source begins just before a segment does: what a transcoder leaves out before its first segment would flatter it.
const epochOffsetMs = Math.ceil(Date.now() / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS - 40;
const source = { channel: 'hall-7', broadcast: 'bench', sourceUrl };
const job: TranscodeJob = {
  ...{ ...source, sourceProof: sourceProof(config.secret, source), epochOffsetMs },
  video: { codec: 'h264', width: 1280, height: 720, frameRate: 25 },
  audio: { codec: 'aac', sampleRateHz: 48_000, channels: 1 },
};
const before = cpuS();
const ownBefore = process.cpuUsage();
await queue.add('bench', job);
await end;
const own = process.cpuUsage(ownBefore);
await role.stop();
tell({ kind: 'done', cpuS: cpuS() - before, ownCpuS: (own.user + own.system) / 1e6, warnings });
