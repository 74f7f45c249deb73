import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { pinned } from './cores.ts';

/** A program of the benchmarks in a process of its own, which is told and tells by messages. */
export type Program = {
  readonly pid: number;
  send(message: object): void;
  /** Resolves with the next message of a kind (its field `kind`); throws when the program ends before it. */
  next<T extends { readonly kind: string }>(kind: T['kind']): Promise<T>;
  /** Calls back for each message. */
  onMessage(listener: (message: { readonly kind: string }) => void): void;
  stop(): Promise<void>;
};

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a program of this folder.
 *
 * @param file path of its source
 * @param options goes to it as its one argument, in JSON; see {@link programOptions}
 * @param core where it is to run; null for anywhere
 * @param ownSession puts it into a session of its own, which the kernel's scheduler treats as one competitor (autogroup)
 */
export function startProgram(
  file: string,
  options: object,
  core: number | null = null,
  ownSession = false,
): Program {
  const [execPath = process.execPath, ...before] = pinned(core, [process.execPath]);
  const child = fork(file, [JSON.stringify(options)], {
    execPath,
    execArgv: [...before, '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // JSON has no NaN, and a distribution of nothing has.
    serialization: 'advanced',
    detached: ownSession,
  });
  running.add(child);
  let ended: string | null = null;
  const waiting = new Set<() => void>();
  const received: { readonly kind: string }[] = [];
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.on('message', (message) => {
    received.push(message as { readonly kind: string });
    wake();
  });
  child.once('close', (status, signal) => {
    ended = `${file} ended with ${signal ?? status}`;
    running.delete(child);
    wake();
  });
  return {
    pid: child.pid ?? -1,
    send: (message) => void child.send(message),
    next: <T extends { readonly kind: string }>(kind: T['kind']): Promise<T> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = received.findIndex((message) => message.kind === kind);
          if (at < 0 && ended === null) return;
          waiting.delete(look);
          if (at < 0) reject(new Error(ended ?? ''));
          else resolve(received.splice(at, 1)[0] as T);
        };
        waiting.add(look);
        look();
      }),
    onMessage: (listener) =>
      void child.on('message', (message) => listener(message as { readonly kind: string })),
    stop: async () => {
      if (ended !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** What a program was started with. It ends with the one that started it. */
export function programOptions(): unknown {
  process.once('disconnect', () => process.exit(0));
  return JSON.parse(process.argv[2] ?? '{}');
}

/** Tells the one that started this program. */
export function tell(message: { readonly kind: string; readonly [field: string]: unknown }): void {
  process.send?.(message);
}

/** Calls back for what this program is told. */
export function onTold(listener: (message: { readonly kind: string }) => void): void {
  process.on('message', (message) => listener(message as { readonly kind: string }));
}
