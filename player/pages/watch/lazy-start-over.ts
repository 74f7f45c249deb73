import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { replayUrl } from '../../channel/links.ts';
import type { Session } from '../../live/live-session.ts';
import type { Command } from '../../stage/commands.ts';
import type { PanelName } from '../../stage/stage-shell.tsx';

/** A class that is watched from its start, in the place of the live one. */
export type StartOver = {
  /** What lies over the picture. */
  readonly Layer: ComponentType<{
    readonly panel: Signal<PanelName>;
    readonly pipPossible: boolean;
    readonly run: (command: Command) => void;
  }>;
  /** Does what a key asked for; false when the key means nothing here. */
  readonly run: (command: Command) => boolean;
  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** There is a class to be seen, and not what fills its interruptions. */
  isOnAir(): boolean;
  destroy(): void;
};

/** What a start-over is made from. */
export type StartOverOptions = {
  readonly session: Session;
  readonly video: HTMLVideoElement;
  readonly channel: string;
  readonly broadcast: { readonly id: string; readonly startMs: number };
  readonly token: string | null;
  /** Where to begin, UTC milliseconds; null for the beginning. */
  readonly atMs: number | null;
  readonly goLive: () => void;
};

/** Leads from live to the beginning of the class and back. What is needed there is loaded when somebody goes. */
export class StartOverDoor {
  /** The start-over that plays; null while live does. */
  readonly inside: ReadonlySignal<StartOver | null>;
  /** There is a class on air with a beginning to go to. */
  readonly isThere: ReadonlySignal<boolean>;
  /** The last attempt failed: what is needed could not be loaded. */
  readonly failed = signal(false);
  /** Page of the class that was last on air while this one was open; null without. */
  readonly replayUrl: ReadonlySignal<string | null>;
  readonly #inside = signal<StartOver | null>(null);
  readonly #options: Pick<StartOverOptions, 'session' | 'video' | 'channel' | 'token'>;
  #opening = false;
  #lastId: string | null = null;

  constructor(options: Pick<StartOverOptions, 'session' | 'video' | 'channel' | 'token'>) {
    const { channel } = options.session.view;
    this.#options = options;
    this.inside = this.#inside;
    this.isThere = computed(() => (channel.value?.broadcast ?? null) !== null);
    this.replayUrl = computed(() => {
      this.#lastId = channel.value?.broadcast?.id ?? this.#lastId;
      return this.#lastId === null ? null : replayUrl(options.channel, this.#lastId, options.token);
    });
    // Followed from the start on, and not only once somebody looks.
    this.replayUrl.subscribe(() => {});
  }

  /**
   * Plays the class that is on air from its start.
   *
   * @param atMs where to begin, UTC milliseconds; null for the beginning
   * @returns false when there is nothing to go to
   */
  open(atMs: number | null): boolean {
    const broadcast = this.#options.session.view.channel.value?.broadcast ?? null;
    if (broadcast === null || this.#inside.value !== null) return false;
    if (!this.#opening) void this.#open(broadcast, atMs);
    return true;
  }

  /** Goes back to live. */
  close(): void {
    const inside = this.#inside.value;
    if (inside === null) return;
    this.#inside.value = null;
    inside.destroy();
    this.#options.session.takeBack();
  }

  async #open(broadcast: StartOverOptions['broadcast'], atMs: number | null): Promise<void> {
    this.#opening = true;
    this.failed.value = false;
    try {
      const { startOver } = await import('./start-over.tsx');
      this.#options.session.lend();
      this.#inside.value = startOver({ ...this.#options, broadcast, atMs, goLive: () => this.close() });
    } catch {
      // The line is down: live goes on, and the next press tries again.
      this.failed.value = true;
    }
    this.#opening = false;
  }
}
