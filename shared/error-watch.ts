import type { Logger } from './logger.ts';

/** Time during which an error line is reported after it was written, in milliseconds. */
const SHOWN_MS = 60_000;

/**
 * Records whether a component has logged an error recently, for `/healthz`. The messages are only in the log: they may
 * contain addresses and paths, and `/healthz` is public.
 */
export class ErrorWatch {
  readonly #steadyMs: () => number;
  /** When each of the recent error lines was written. */
  #writtenMs: number[] = [];

  /** @param steadyMs milliseconds of a monotonic clock */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
  }

  /** A logger that writes what the given one writes; its error lines, and those of its children, are counted. */
  watch(logger: Logger): Logger {
    return {
      debug: (fields, message) => logger.debug(fields, message),
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => logger.warn(fields, message),
      error: (fields, message) => {
        this.#writtenMs.push(this.#steadyMs());
        if (this.#writtenMs.length > 1000) this.#expire();
        logger.error(fields, message);
      },
      child: (fields) => this.watch(logger.child(fields)),
    };
  }

  /** The text for `/healthz`; null when no error was logged in the last minute. */
  recent(): string | null {
    this.#expire();
    const count = this.#writtenMs.length;
    if (count === 0) return null;
    return `${count} ${count === 1 ? 'error' : 'errors'} in the last ${SHOWN_MS / 1000} s; see the log`;
  }

  #expire(): void {
    const fromMs = this.#steadyMs() - SHOWN_MS;
    this.#writtenMs = this.#writtenMs.filter((writtenMs) => writtenMs > fromMs).slice(-1000);
  }
}
