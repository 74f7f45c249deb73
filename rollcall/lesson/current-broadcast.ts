import { waitAtMost } from '../../shared/wait-at-most.ts';
import type { BroadcastRef } from '../ledger/ledger.ts';
import type { OriginClient } from './origin-client.ts';

/** How long an answer is used, milliseconds. */
const FRESH_MS = 2000;
/** How long a request waits for the origin before it goes by what was known, milliseconds. */
const WAIT_MS = 1500;

type Known = { broadcast: BroadcastRef | null; askedMs: number; asking: Promise<void> | null };

/** Which broadcast is on air on a channel now, for requests of teachers: asked at most every two seconds. */
export class CurrentBroadcast {
  readonly #origin: Pick<OriginClient, 'currentBroadcast'>;
  readonly #nowMs: () => number;
  /** By channel: there are no others than those of the configuration. */
  readonly #known = new Map<string, Known>();

  /** @param nowMs UTC milliseconds */
  constructor(origin: Pick<OriginClient, 'currentBroadcast'>, nowMs: () => number) {
    this.#origin = origin;
    this.#nowMs = nowMs;
  }

  /** The broadcast on air; what was last known while no origin can be reached, null for none. */
  async of(channel: string): Promise<BroadcastRef | null> {
    let known = this.#known.get(channel);
    if (known === undefined) {
      known = { broadcast: null, askedMs: Number.NEGATIVE_INFINITY, asking: null };
      this.#known.set(channel, known);
    }
    if (Math.abs(this.#nowMs() - known.askedMs) < FRESH_MS) return known.broadcast;
    known.asking ??= this.#ask(channel, known);
    await waitAtMost(WAIT_MS, known.asking);
    return known.broadcast;
  }

  async #ask(channel: string, known: Known): Promise<void> {
    try {
      known.broadcast = await this.#origin.currentBroadcast(channel);
    } catch {
      // The reporter logs that no origin can be reached.
    }
    known.askedMs = this.#nowMs();
    known.asking = null;
  }
}
