import type { ServerResponse } from 'node:http';
import { describeError } from './errors.ts';
import { type HttpProblem, sendError } from './http-errors.ts';
import type { Logger } from './logger.ts';
import { SparingLogs } from './sparing-logs.ts';

/** Shortest time between two lines of one code, milliseconds. */
const EVERY_MS = 1000;
/** Longest path that is written, in characters. */
const MAX_PATH_LENGTH = 200;

/**
 * Answers requests with errors, and logs them: the log has details that clients must not see. However many requests fail,
 * each code is logged at most once a second.
 */
export class ProblemLog {
  /** By code: there are as many as docs/errors.md lists. */
  readonly #logs: SparingLogs;

  /** @param nowMs the time, UTC milliseconds */
  constructor(logger: Logger, nowMs: () => number) {
    this.#logs = new SparingLogs(logger, EVERY_MS, nowMs);
  }

  /**
   * Answers a request with an error, see {@link sendError}, and logs it: as an error when it is a bug of the server, as a
   * warning when something else failed, as information when the request was invalid.
   *
   * @param res the answer; ended by this
   * @param path of the request, without query and without any token
   * @param thrown whatever was caught
   * @returns the error that was sent
   */
  send(res: ServerResponse, path: string, thrown: unknown): HttpProblem {
    const problem = sendError(res, thrown);
    const { status, code } = problem;
    const shown = path.slice(0, MAX_PATH_LENGTH);
    const why = describeError(thrown);
    const fields = { method: res.req.method, path: shown, status, code, error: why };
    const log = this.#logs.of(code);
    if (code === 'internal') log.error(fields, `${shown} failed: ${why}`);
    else if (status >= 500) log.warn(fields, `${shown} failed: ${why}`);
    else log.info(fields, `${shown} refused: ${why}`);
    return problem;
  }
}
