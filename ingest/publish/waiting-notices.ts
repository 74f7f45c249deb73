import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';

/** What telling origins of encoders without media needs. */
export type WaitingNoticesOptions = {
  /** Base URLs without a slash at their end. */
  readonly origins: readonly string[];
  /** The channels on which an encoder is connected, and nothing has come that could go on air. */
  waiting(): Iterable<string>;
  /** Gives a token of role `encoder` for a channel. */
  token(channel: string): Promise<string>;
  readonly logger: Logger;
  nowMs(): number;
  /** Time between two rounds, milliseconds; for tests. */
  readonly everyMs?: number;
};

/** An origin believes a notice for 5 s. */
const EVERY_MS = 2000;
/** Time limit of one request: one that comes later is of no use. */
const TIME_LIMIT_MS = 2000;
/** Channels that are told of in one round: more encoders than this do not wait for their media at once. */
const MOST_CHANNELS = 100;
/** An origin that fails is logged once in this time. */
const LOG_EVERY_MS = 60_000;

/**
 * Tells each origin on which channels an encoder is connected and has sent nothing that could go on air: no worker has a job for those
 * yet, so nobody else would. Media never waits for it.
 */
export class WaitingNotices {
  readonly #options: WaitingNoticesOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #log: ReturnType<typeof sparing>;
  readonly #stopped = new AbortController();
  /** Requests that were not answered yet: an origin that is slow misses a round. */
  readonly #open = new Set<string>();

  constructor(options: WaitingNoticesOptions) {
    this.#options = options;
    this.#log = sparing(options.logger, LOG_EVERY_MS, () => options.nowMs());
    this.#timer = setInterval(() => this.#round(), options.everyMs ?? EVERY_MS).unref();
  }

  /** Tells nothing more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#stopped.abort();
  }

  #round(): void {
    let count = 0;
    for (const channel of this.#options.waiting()) {
      if (++count > MOST_CHANNELS) return;
      for (const origin of this.#options.origins) void this.#tell(`${origin}/ingest/${channel}`, channel);
    }
  }

  async #tell(url: string, channel: string): Promise<void> {
    if (this.#open.has(url)) return;
    this.#open.add(url);
    try {
      const authorization = `Bearer ${await this.#options.token(channel)}`;
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
      const response = await fetch(url, { method: 'PUT', headers: { authorization }, signal });
      await response.arrayBuffer();
      if (!response.ok)
        this.#log.warn({ url, status: response.status }, 'an origin refused to hear of an encoder');
    } catch (error) {
      if (!this.#stopped.signal.aborted)
        this.#log.warn({ url }, `an origin could not be told of an encoder: ${describeError(error)}`);
    } finally {
      this.#open.delete(url);
    }
  }
}
