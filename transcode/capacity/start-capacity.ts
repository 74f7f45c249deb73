import type { LecternConfig } from '../../config/schema.ts';
import type { JobIntake } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../job.ts';
import { demandOf, rungsToMeasure, usualDemands } from './capacity-request.ts';
import { calibrateMachine } from './machine-calibration.ts';
import { readMachine } from './read-machine.ts';
import { usableCores } from './usable-cores.ts';
import { WorkerCapacity } from './worker-capacity.ts';

/** The capacity of a running worker. */
export type RunningCapacity = {
  readonly capacity: WorkerCapacity;
  /** When the worker takes the next job. */
  readonly intake: JobIntake<TranscodeJob>;
  /** Ends its timer and its calibration. */
  stop(): Promise<void>;
};

/** How often the machine is read, milliseconds. */
const READ_EVERY_MS = 2000;

/** Starts to watch what this machine bears. Costs are measured in the background: until then they are assumed. */
export function startCapacity(deps: {
  readonly config: Pick<LecternConfig, 'channels' | 'jobsAtOnce'>;
  readonly ffmpeg: { readonly program: string; readonly version: string };
  readonly logger: Logger;
}): RunningCapacity {
  const { config, ffmpeg, logger } = deps;
  const cores = usableCores();
  const capacity = new WorkerCapacity(cores, logger);
  capacity.read(readMachine([]));
  const timer = setInterval(() => capacity.read(readMachine(capacity.pids)), READ_EVERY_MS);
  const stopping = new AbortController();
  const calibrating = calibrateMachine({
    ...{ ffmpeg, logger, signal: stopping.signal },
    rungs: rungsToMeasure(config),
  }).then((calibration) => {
    if (calibration !== null) capacity.calibrated(calibration);
  });
  logger.info({ cores: cores.cores, limit: cores.limit }, 'cores that this worker may use');

  const ladders = new Map(config.channels.map(({ id, ladder }) => [id, ladder]));
  const usual = usualDemands(config);
  return {
    capacity,
    intake: {
      atMost: config.jobsAtOnce,
      patienceMs: (job) => {
        const ladder = job === null ? undefined : ladders.get(job.channel);
        const demands = job === null || ladder === undefined ? usual : [demandOf(job.video, ladder)];
        return Math.max(0, ...demands.map((demand) => capacity.patienceMs(demand)));
      },
    },
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await calibrating;
    },
  };
}
