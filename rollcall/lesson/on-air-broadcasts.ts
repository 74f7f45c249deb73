import type { BroadcastRef } from '../ledger/ledger.ts';
import type { OriginClient } from './origin-client.ts';

/** What has changed on a channel since the origin was last asked. */
export type OnAirChange = {
  /** The broadcast on air now; null for none. */
  readonly current: BroadcastRef | null;
  /** A broadcast that was on air and has ended. */
  readonly ended: BroadcastRef | null;
  /** A broadcast that goes on and whose attendance is to be submitted in between. */
  readonly due: BroadcastRef | null;
};

/** How often the origin is asked what is on air on a channel, milliseconds. */
const ASK_MS = 30_000;
/** How often the attendance of a broadcast that goes on is submitted, milliseconds. */
const SUBMIT_MS = 300_000;

/** Knows which broadcast is on air on each active channel, by asking the origin. */
export class OnAirBroadcasts {
  readonly #origin: Pick<OriginClient, 'currentBroadcast'>;
  readonly #nowMs: () => number;
  readonly #channels = new Map<
    string,
    { broadcast: BroadcastRef | null; askedMs: number; submittedMs: number }
  >();

  /** @param nowMs UTC milliseconds */
  constructor(origin: Pick<OriginClient, 'currentBroadcast'>, nowMs: () => number) {
    this.#origin = origin;
    this.#nowMs = nowMs;
  }

  /** The broadcast on air on a channel as last known: it may have ended half a minute ago. */
  of(channel: string): BroadcastRef | null {
    return this.#channels.get(channel)?.broadcast ?? null;
  }

  /** All broadcasts on air, as last known. */
  all(): readonly { readonly channel: string; readonly broadcast: BroadcastRef }[] {
    return [...this.#channels].flatMap(([channel, { broadcast }]) =>
      broadcast === null ? [] : [{ channel, broadcast }],
    );
  }

  /** Has the origin asked with the next {@link refresh}, however recently it was asked. */
  expire(channel: string): void {
    const known = this.#channels.get(channel);
    if (known !== undefined) known.askedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Asks the origin what is on air on a channel, at most every 30 s.
   *
   * @returns null when it was not asked
   * @throws {RollCallError} `origin-unavailable`
   */
  async refresh(channel: string): Promise<OnAirChange | null> {
    const nowMs = this.#nowMs;
    const known = this.#channels.get(channel) ?? {
      ...{ broadcast: null, askedMs: Number.NEGATIVE_INFINITY, submittedMs: nowMs() },
    };
    this.#channels.set(channel, known);
    if (Math.abs(nowMs() - known.askedMs) < ASK_MS) return null;
    known.askedMs = nowMs();
    const before = known.broadcast;
    const current = await this.#origin.currentBroadcast(channel);
    known.broadcast = current;
    if (before === null) return { current, ended: null, due: null };
    if (before.id !== current?.id) return { current, ended: before, due: null };
    if (Math.abs(nowMs() - known.submittedMs) < SUBMIT_MS) return { current, ended: null, due: null };
    known.submittedMs = nowMs();
    return { current, ended: null, due: before };
  }

  /**
   * Forgets channels that nobody is connected to any more.
   *
   * @returns the broadcasts that were on air there
   */
  removeInactive(
    active: ReadonlySet<string>,
  ): readonly { readonly channel: string; readonly broadcast: BroadcastRef }[] {
    const inactive = this.all().filter(({ channel }) => !active.has(channel));
    for (const channel of this.#channels.keys()) if (!active.has(channel)) this.#channels.delete(channel);
    return inactive;
  }
}
