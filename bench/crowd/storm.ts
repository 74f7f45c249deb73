import { join } from 'node:path';
import { startProgram } from '../start/program.ts';

/** Who asks for the past, all at once and as fast as they can. */
export type StormOptions = {
  /** Of the origin. */
  readonly url: string;
  /** Path of an MP4 file. */
  readonly download: string;
  readonly replay: {
    readonly channel: string;
    readonly rendition: string;
    readonly fromMs: number;
    readonly toMs: number;
  };
  readonly downloads: number;
  readonly replays: number;
  readonly searches: number;
};

/** What they got. */
export type StormReport = {
  readonly downloadedBytes: number;
  /** Whole files. */
  readonly downloads: number;
  readonly replayed: number;
  readonly searches: number;
  /** Answers with status 503. */
  readonly refused: number;
  readonly failed: number;
};

/** A storm that blows until it is stopped. */
export type Storm = { stop(): Promise<StormReport> };

/** Starts one. @param core where it is to run; null for anywhere */
export async function startStorm(options: StormOptions, core: number | null): Promise<Storm> {
  const program = startProgram(join(import.meta.dirname, 'storm-program.ts'), options, core);
  await program.next('started');
  return {
    stop: async () => {
      program.send({ kind: 'end' });
      const { kind: _kind, ...report } = await program.next<StormReport & { kind: 'done' }>('done');
      await program.stop();
      return report;
    },
  };
}
