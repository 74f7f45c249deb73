import { describeError } from '../../shared/errors.ts';
import type { FeedReport } from '../../shared/feed-report.ts';
import { type Logger, sparing } from '../../shared/logger.ts';

/** What sending reports needs. */
export type ReportSenderOptions = {
  /** Base URLs without a slash at their end. */
  readonly origins: readonly string[];
  readonly channel: string;
  /** `live.b1`. */
  readonly feed: string;
  /** Gives a token of role `encoder` that holds for {@link TOKEN_MS} at least. */
  token(): Promise<string>;
  /** Makes the report for an origin. */
  report(origin: string): FeedReport;
  readonly logger: Logger;
  nowMs(): number;
  /** Time between two reports, milliseconds; for tests. */
  readonly everyMs?: number;
};

const EVERY_MS = 1000;
/** Time limit of one request: a report that is older is of no use. */
const TIME_LIMIT_MS = 2000;
const TOKEN_MS = 60_000;
/** An origin that fails is logged once in this time. */
const LOG_EVERY_MS = 60_000;

/**
 * Sends the report of a feed to each origin once a second. Media never waits for it: an origin that is slow misses reports, and one
 * that fails is logged and asked again a second later.
 */
export class ReportSender {
  readonly #options: ReportSenderOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #log: ReturnType<typeof sparing>;
  /** Requests that were not answered yet, by origin. */
  readonly #open = new Map<string, AbortController>();
  #isStopped = false;
  #token: { readonly text: string; readonly untilMs: number } | null = null;

  constructor(options: ReportSenderOptions) {
    this.#options = options;
    this.#log = sparing(options.logger, LOG_EVERY_MS, () => options.nowMs());
    this.#timer = setInterval(() => {
      for (const origin of options.origins) if (!this.#open.has(origin)) void this.#send(origin);
    }, options.everyMs ?? EVERY_MS);
  }

  /** Sends no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#isStopped = true;
    for (const request of this.#open.values()) request.abort();
  }

  async #send(origin: string): Promise<void> {
    const { channel, feed } = this.#options;
    const request = new AbortController();
    this.#open.set(origin, request);
    const limit = setTimeout(
      () => request.abort(new Error(`no answer in ${TIME_LIMIT_MS / 1000} s`)),
      TIME_LIMIT_MS,
    );
    try {
      const response = await fetch(`${origin}/ingest/${channel}/${feed}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${await this.#freshToken()}`, 'content-type': 'application/json' },
        body: JSON.stringify(this.#options.report(origin)),
        signal: request.signal,
      });
      const text = await response.text();
      // 404: the origin has none of its media yet, or does not take reports.
      if (!response.ok && response.status !== 404) {
        this.#log.warn(
          { origin, status: response.status },
          `an origin refused a report: ${text.slice(0, 200)}`,
        );
      }
    } catch (error) {
      if (!this.#isStopped) {
        this.#log.warn({ origin }, `a report did not reach an origin: ${describeError(error)}`);
      }
    } finally {
      clearTimeout(limit);
      this.#open.delete(origin);
    }
  }

  async #freshToken(): Promise<string> {
    const nowMs = this.#options.nowMs();
    if (this.#token === null || nowMs >= this.#token.untilMs || nowMs < this.#token.untilMs - TOKEN_MS) {
      this.#token = { text: await this.#options.token(), untilMs: nowMs + TOKEN_MS };
    }
    return this.#token.text;
  }
}
