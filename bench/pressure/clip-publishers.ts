import { join } from 'node:path';
import { startProgram } from '../start/program.ts';

/** Publishers of one clip in one process, which costs nearly nothing. */
export type ClipPublishers = {
  readonly pid: number;
  /**
   * Publishes the clip over and over.
   *
   * @param name stream key: `hall-1?key=…`
   * @returns when the clip's time 0 was sent, UTC milliseconds
   */
  publish(port: number, name: string): Promise<number>;
  /** Ends one in order. */
  end(name: string): Promise<void>;
  /** Connections that the server closed, with what is known of it. */
  readonly lost: readonly string[];
  stop(): Promise<void>;
};

type Told = {
  readonly kind: string;
  readonly name: string;
  readonly startMs?: number;
  readonly why?: string;
};

/** Starts the process; nobody publishes yet. */
export async function startClipPublishers(file: string): Promise<ClipPublishers> {
  const program = startProgram(join(import.meta.dirname, 'clip-publishers-program.ts'), { file });
  await program.next('ready');
  const lost: string[] = [];
  const waiting = new Map<string, (told: Told) => void>();
  program.onMessage((message) => {
    const told = message as Told;
    if (told.kind === 'lost') lost.push(`${told.name.split('?')[0]}: ${told.why}`);
    waiting.get(`${told.kind} ${told.name}`)?.(told);
  });
  const told = (kind: string, name: string): Promise<Told> =>
    new Promise((resolve, reject) => {
      waiting.set(`${kind} ${name}`, resolve);
      waiting.set(`lost ${name}`, ({ why }) => reject(new Error(`a publisher was refused: ${why}`)));
    });
  return {
    ...{ pid: program.pid, lost },
    publish: async (port, name) => {
      const started = told('started', name);
      program.send({ kind: 'publish', port, name });
      const { startMs } = await started;
      waiting.delete(`lost ${name}`);
      return startMs ?? Date.now();
    },
    end: async (name) => {
      const stopped = told('stopped', name);
      program.send({ kind: 'stop', name });
      await stopped;
    },
    stop: () => program.stop(),
  };
}
