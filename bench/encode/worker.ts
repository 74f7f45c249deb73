import { join } from 'node:path';
import { startProgram } from '../start/program.ts';

/** What a worker is given. */
export type WorkerOptions = {
  /** FLV over HTTP in real time; what is POSTed to its server is dropped. */
  readonly sourceUrl: string;
  /** A configuration with the channel `hall-7`. */
  readonly yaml: string;
};

/** What a broadcast cost. */
export type WorkerCost = {
  /** Worker and ffmpeg, user and system, seconds. */
  readonly cpuS: number;
  /** The worker's own share of it. */
  readonly ownCpuS: number;
  readonly warnings: readonly string[];
};

/** Lets a transcode worker take one broadcast from its begin to its end. */
export async function runWorker(options: WorkerOptions): Promise<WorkerCost> {
  const program = startProgram(join(import.meta.dirname, 'worker-program.ts'), options);
  const { cpuS, ownCpuS, warnings } = await program.next<WorkerCost & { kind: 'done' }>('done');
  await program.stop();
  return { cpuS, ownCpuS, warnings };
}
