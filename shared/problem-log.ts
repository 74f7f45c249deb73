import type { ServerResponse } from 'node:http';
import { describeError } from './errors.ts';
import { type HttpProblem, sendError } from './http-errors.ts';
import { type Logger, sparing } from './logger.ts';

/** Of one code, a line in so many milliseconds is written; it says how many were left out. */
const EVERY_MS = 1000;
/** Longest path that is written, in characters. */
const MAX_PATH_LENGTH = 200;

type Sparing = ReturnType<typeof sparing>;

/**
 * Answers requests with errors, and says in the log why: what a client is told of a fault of ours is less than what the
 * operator has to know. However many requests fail, each code has a line a second.
 */
export class ProblemLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  /** By code: there are as many as docs/errors.md lists. */
  readonly #byCode = new Map<string, Sparing>();

  /** @param nowMs the time, UTC milliseconds */
  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /**
   * Answers a request with an error, see {@link sendError}, and logs it: as an error where it is a fault of the program's, as
   * a warning where something else failed, as information where the client asked for what cannot be.
   *
   * @param res the answer; ended by this
   * @param path what was asked for, without query and without any token
   * @param thrown whatever was caught
   * @returns what the client was told
   */
  send(res: ServerResponse, path: string, thrown: unknown): HttpProblem {
    const problem = sendError(res, thrown);
    const { status, code } = problem;
    const shown = path.slice(0, MAX_PATH_LENGTH);
    const why = describeError(thrown);
    const fields = { method: res.req.method, path: shown, status, code, error: why };
    const log = this.#of(code);
    if (code === 'internal') log.error(fields, `${shown} failed: ${why}`);
    else if (status >= 500) log.warn(fields, `${shown} failed: ${why}`);
    else log.info(fields, `${shown} refused: ${why}`);
    return problem;
  }

  #of(code: string): Sparing {
    let log = this.#byCode.get(code);
    if (log === undefined) {
      log = sparing(this.#logger, EVERY_MS, this.#nowMs);
      this.#byCode.set(code, log);
    }
    return log;
  }
}
