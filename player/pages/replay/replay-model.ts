import { type ReadonlySignal, signal } from '@preact/signals';
import { fetchBroadcast } from '../../channel/broadcasts-api.ts';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { backoffMs } from '../../net/backoff.ts';

/** What the API has answered. */
export type ReplayFinding = 'loading' | 'found' | 'gone' | 'forbidden' | 'unreachable';

/** Mean time between two requests while the class is on air, in milliseconds. */
const ON_AIR_EVERY_MS = 6000;

/** What the API says about the broadcast of this page. */
export class ReplayModel {
  readonly broadcast: ReadonlySignal<BroadcastInfo | null>;
  readonly finding: ReadonlySignal<ReplayFinding>;
  readonly #broadcast = signal<BroadcastInfo | null>(null);
  readonly #finding = signal<ReplayFinding>('loading');
  readonly #ids: { readonly channel: string; readonly id: string };
  readonly #token: string | null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ids: { readonly channel: string; readonly id: string }, token: string | null) {
    this.broadcast = this.#broadcast;
    this.finding = this.#finding;
    this.#ids = ids;
    this.#token = token;
    addEventListener('online', () => {
      if (this.#finding.value === 'unreachable') void this.ask();
    });
  }

  /** Asks the API, again and again until the answer is final. */
  async ask(): Promise<void> {
    clearTimeout(this.#timer);
    const answer = await fetchBroadcast(this.#ids.channel, this.#ids.id, this.#token);
    this.#failures = answer.kind === 'unreachable' ? this.#failures + 1 : 0;
    if (answer.kind === 'ok') this.take(answer.value);
    else if (answer.kind !== 'unreachable')
      this.#finding.value = answer.kind === 'forbidden' ? 'forbidden' : 'gone';
    else if (this.#broadcast.value === null) this.#finding.value = 'unreachable';
    if (answer.kind === 'unreachable') this.#later(1000 + backoffMs(this.#failures, Math.random()));
    else if (answer.kind === 'ok' && answer.value.replay === null) {
      this.#later(ON_AIR_EVERY_MS * (0.5 + Math.random()));
    }
  }

  /** Takes the broadcast as it is after a change. */
  take(broadcast: BroadcastInfo): void {
    this.#broadcast.value = broadcast;
    this.#finding.value = 'found';
  }

  /** It was deleted. */
  remove(): void {
    clearTimeout(this.#timer);
    this.#finding.value = 'gone';
  }

  #later(waitMs: number): void {
    this.#timer = setTimeout(() => void this.ask(), waitMs);
  }
}
