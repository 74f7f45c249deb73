import { WatchMeter } from './watch-meter.ts';

/** What became of a minute by POST: it was recorded or refused for good, or it is to be sent again. */
export type WatchedReply =
  | { readonly kind: 'settled' }
  /** Milliseconds; null where the server names no time. */
  | { readonly kind: 'later'; readonly retryAfterMs: number | null };

/** How watched minutes reach the server. */
export type WatchedReporterOptions = {
  /** On the connection that is open. Only a refusal is answered: see {@link WatchedReporter.refused}. @returns false without one */
  readonly send: (minute: number) => boolean;
  readonly post: (minute: number) => Promise<WatchedReply>;
  /** The server's time, UTC milliseconds. */
  readonly nowMs: () => number;
};

/** Minutes that are pending at most. */
const MOST_PENDING = 600;
/** Older ones are refused by the server; milliseconds. */
const OLDEST_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Minutes of one round, and milliseconds to the next: a gateway takes five frames a second of a client, of every kind. */
const ROUND = 2;
const ROUND_EVERY_MS = 1000;
/** To the next round after a refusal that names no time; milliseconds. */
const RETRY_MS = 30_000;

/** Reports each minute of a class that was watched, once; minutes that the server has not accepted stay pending, for a day. */
export class WatchedReporter {
  readonly #options: WatchedReporterOptions;
  readonly #meter = new WatchMeter();
  readonly #pending = new Set<number>();
  #isPosting = false;
  /** Since when the next round may be, by the clock of {@link update}; milliseconds. */
  #nextRoundMs = Number.NEGATIVE_INFINITY;
  #steadyMs = 0;

  constructor(options: WatchedReporterOptions) {
    this.#options = options;
  }

  /**
   * Takes the playhead, and sends pending minutes when it is time; to be called some ten times a second.
   *
   * @param playheadMs program date time, UTC milliseconds; null while no class is shown
   * @param steadyMs a clock that never goes back, milliseconds
   */
  update(playheadMs: number | null, steadyMs: number): void {
    this.#steadyMs = steadyMs;
    for (const minute of this.#meter.update(playheadMs, steadyMs)) this.#add(minute);
    if (steadyMs >= this.#nextRoundMs) this.#round();
  }

  /** A new connection is open: nothing that was said on an earlier one has to be waited for. */
  connected(): void {
    this.#round();
  }

  /**
   * The server has refused a minute that was sent on the connection.
   *
   * @param retryAfterMs after which it may be sent again, milliseconds; null for never
   */
  refused(minute: number, retryAfterMs: number | null): void {
    if (retryAfterMs === null) return;
    this.#add(minute);
    this.#waitAtLeast(retryAfterMs);
  }

  #add(minute: number): void {
    if (this.#pending.size < MOST_PENDING) this.#pending.add(minute);
  }

  #waitAtLeast(milliseconds: number): void {
    this.#nextRoundMs = Math.max(this.#nextRoundMs, this.#steadyMs + milliseconds);
  }

  #round(): void {
    const oldest = (this.#options.nowMs() - OLDEST_MS) / MINUTE_MS;
    for (const minute of this.#pending) if (minute < oldest) this.#pending.delete(minute);
    if (this.#pending.size === 0 || this.#isPosting) return;
    this.#nextRoundMs = this.#steadyMs + ROUND_EVERY_MS;
    for (const minute of [...this.#pending].slice(0, ROUND)) {
      if (!this.#options.send(minute)) {
        void this.#post(minute);
        return;
      }
      this.#pending.delete(minute);
    }
  }

  /** By POST one goes at a time: each answer says whether the next one may go. */
  async #post(minute: number): Promise<void> {
    this.#isPosting = true;
    const { post } = this.#options;
    const reply = await post(minute).catch((): WatchedReply => ({ kind: 'later', retryAfterMs: null }));
    this.#isPosting = false;
    if (reply.kind === 'settled') this.#pending.delete(minute);
    else this.#waitAtLeast(reply.retryAfterMs ?? RETRY_MS);
  }
}
