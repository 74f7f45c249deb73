import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type Program, startProgram } from '../start/program.ts';
import type { AnswersReport, CrowdOptions, StormReport } from './crowd-options.ts';

/** Students in processes of their own, who answer every call at once. */
export type Crowd = {
  /** Connects all of them, and waits until all are welcome. */
  gather(): Promise<void>;
  /**
   * Waits until all have their ack of the newest call, or the time is up.
   *
   * @param withinMs milliseconds
   */
  answers(withinMs: number): Promise<readonly AnswersReport[]>;
  /** Drops all connections at once, and waits until all are back. */
  storm(): Promise<readonly StormReport[]>;
  stop(): Promise<void>;
};

/** Addresses of loopback: each has some 28,000 ports, and every student needs one for a minute after she is gone, too. */
const SOURCES = 16;

/** What a crowd of several processes is started with. */
export type CrowdDeps = Omit<CrowdOptions, 'first' | 'count' | 'sources' | 'targets'> & {
  readonly students: number;
  /** Servers. With several, each process of students goes to the ones that are its own. */
  readonly targets: CrowdOptions['targets'];
  readonly processes: number;
  /** Where they run; null for anywhere. */
  readonly core: number | null;
};

/** Starts a crowd: its tokens are made when this resolves, and nobody is connected. */
export async function startCrowd({ students, processes, core, targets, ...rest }: CrowdDeps): Promise<Crowd> {
  const programs: Program[] = [];
  let first = 0;
  for (let i = 0; i < processes; i++) {
    const count = Math.floor(students / processes) + (i < students % processes ? 1 : 0);
    const options: CrowdOptions = {
      ...{ ...rest, first, count },
      connectPerSecond: rest.connectPerSecond / processes,
      targets: targets.filter((_, at) => at % processes === i % targets.length || targets.length < processes),
      sources: Array.from({ length: SOURCES }, (_, at) => `127.0.${1 + i}.${1 + at}`),
    };
    programs.push(startProgram(join(import.meta.dirname, 'crowd-program.ts'), options, core));
    first += count;
  }
  await Promise.all(programs.map((program) => program.next('ready')));
  const all = <T>(ask: (program: Program) => Promise<T>): Promise<T[]> => Promise.all(programs.map(ask));
  return {
    gather: async () => {
      await all(async (program) => {
        program.send({ kind: 'gather' });
        await program.next('gathered');
      });
    },
    answers: async (withinMs) => {
      const late = new AbortController();
      await Promise.race([
        all((program) => program.next('acked')),
        after(withinMs, null, { signal: late.signal }).catch(() => {}),
      ]);
      late.abort();
      return all(async (program) => {
        program.send({ kind: 'report' });
        return program.next<AnswersReport>('answers');
      });
    },
    storm: () =>
      all(async (program) => {
        program.send({ kind: 'drop' });
        return program.next<StormReport>('back');
      }),
    stop: async () => {
      await all((program) => program.stop());
    },
  };
}
