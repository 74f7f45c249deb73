import { join } from 'node:path';
import { startProgram } from '../start/program.ts';

/** Who waits, and where. */
export type WaitingOptions = { readonly url: string; readonly count: number };

/** How one answer reached all who waited. UTC milliseconds. */
export type Answered = {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Answers other than 200, and connections lost. */
  readonly refused: number;
  readonly lost: number;
};

/** Clients that wait for one answer. */
export type Waiting = {
  /** Sends all requests; resolves when they are written. */
  ask(path: string): Promise<void>;
  /** Resolves when the last one has its whole answer. */
  answered(): Promise<Answered>;
  stop(): Promise<void>;
};

/** Connects them; resolves when all are. @param core where they run; null for anywhere */
export async function startWaiting(options: WaitingOptions, core: number | null): Promise<Waiting> {
  const program = startProgram(join(import.meta.dirname, 'waiting-program.ts'), options, core);
  await program.next('connected');
  return {
    ask: async (path) => {
      program.send({ kind: 'ask', path });
      await program.next('asked');
    },
    answered: async () => {
      const { firstMs, lastMs, refused, lost } = await program.next<Answered & { kind: 'answered' }>(
        'answered',
      );
      return { firstMs, lastMs, refused, lost };
    },
    stop: () => program.stop(),
  };
}
