import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { replayUrl } from '../../channel/links.ts';
import { loadPart, type PartFault } from '../../net/load-part.ts';
import type { StartOver, StartOverOptions } from './start-over-contract.ts';

/** Switches from live to start-over and back. The code for it is loaded when it is first needed. */
export class LazyStartOver {
  /** The start-over that plays; null while live plays. */
  readonly current: ReadonlySignal<StartOver | null>;
  /** There is a class on air whose beginning is stored. */
  readonly isAvailable: ReadonlySignal<boolean>;
  /** Why the last attempt failed, while live continues; null where it did not. The next press tries again. */
  readonly fault = signal<PartFault | null>(null);
  /** Replay page of the last class that was on air while this page was open; null without one. */
  readonly replayUrl: ReadonlySignal<string | null>;
  readonly #current = signal<StartOver | null>(null);
  readonly #options: Pick<StartOverOptions, 'session' | 'video' | 'channel' | 'rights'>;
  #opening = false;
  #lastId: string | null = null;

  constructor(options: Pick<StartOverOptions, 'session' | 'video' | 'channel' | 'rights'>) {
    const { channel } = options.session.view;
    this.#options = options;
    this.current = this.#current;
    this.isAvailable = computed(() => (channel.value?.broadcast ?? null) !== null);
    this.replayUrl = computed(() => {
      this.#lastId = channel.value?.broadcast?.id ?? this.#lastId;
      return this.#lastId === null ? null : replayUrl(options.channel, this.#lastId, options.rights.link);
    });
    // A computed signal runs only while it has a subscriber.
    this.replayUrl.subscribe(() => {});
  }

  /**
   * Plays the class that is on air from its start.
   *
   * @param atMs where to begin, UTC milliseconds; null for the beginning
   * @returns false when there is no class to play, or it plays already
   */
  open(atMs: number | null): boolean {
    const broadcast = this.#options.session.view.channel.value?.broadcast ?? null;
    if (broadcast === null || this.#current.value !== null) return false;
    if (!this.#opening) void this.#open(broadcast, atMs);
    return true;
  }

  /** Plays live again. */
  close(): void {
    const current = this.#current.value;
    if (current === null) return;
    this.#current.value = null;
    current.destroy();
    this.#options.session.takeVideoBack();
  }

  async #open(broadcast: StartOverOptions['broadcast'], atMs: number | null): Promise<void> {
    this.#opening = true;
    const loaded = await loadPart(() => import('./start-over.tsx'));
    this.fault.value = loaded.kind === 'loaded' ? null : loaded.fault;
    if (loaded.kind === 'loaded') {
      this.#options.session.lendVideo();
      const goLive = () => this.close();
      this.#current.value = loaded.part.createStartOver({ ...this.#options, broadcast, atMs, goLive });
    }
    this.#opening = false;
  }
}
