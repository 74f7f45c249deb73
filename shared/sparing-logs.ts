import { type Logger, sparing } from './logger.ts';

type Sparing = ReturnType<typeof sparing>;

/** Rate-limited loggers by kind of event: a flood of one kind leaves the lines of the others in place, see {@link sparing}. */
export class SparingLogs {
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #nowMs: () => number;
  readonly #byKind = new Map<string, Sparing>();

  /**
   * @param everyMs shortest time between two lines of one kind, milliseconds
   * @param nowMs the time, UTC milliseconds
   */
  constructor(logger: Logger, everyMs: number, nowMs: () => number) {
    this.#logger = logger;
    this.#everyMs = everyMs;
    this.#nowMs = nowMs;
  }

  /** @param kind one of a few, never what a stranger sends: each is kept */
  of(kind: string): Sparing {
    let log = this.#byKind.get(kind);
    if (log === undefined) {
      log = sparing(this.#logger, this.#everyMs, this.#nowMs);
      this.#byKind.set(kind, log);
    }
    return log;
  }
}
