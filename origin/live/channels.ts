import type { ChannelConfig, LecternConfig } from '../../config/schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { SlateReel, type SlateTrack } from '../packager/feed/slate-reel.ts';
import type { RunLogSnapshot } from '../packager/timeline/run-log.ts';
import { channelCut } from './channel-cut.ts';
import { LiveChannel } from './live-channel.ts';
import { nominalRenditions } from './nominal-renditions.ts';

/** A request for a channel that is not in the configuration. */
export class ChannelError extends AppError {}

/** What the channels are built from. */
export type ChannelsDeps = {
  readonly config: LecternConfig;
  readonly clock: Clock;
  readonly slate: readonly SlateTrack[];
  /** Runs from before a restart, by channel. */
  readonly logs: ReadonlyMap<string, RunLogSnapshot>;
  /** Stores a channel's runs. Called when a run begins. */
  saveRuns(channel: string, snapshot: RunLogSnapshot): void;
};

/** Slate segments that are cached beyond the window, for clients that are a little late. */
const SLATE_SEGMENTS_BEYOND_WINDOW = 8;

/** The channels of the configuration. Each is opened by the first request for it or the first push to it, and stays open. */
export class Channels {
  readonly #deps: ChannelsDeps;
  readonly #configs: ReadonlyMap<string, ChannelConfig>;
  readonly #open = new Map<string, LiveChannel>();
  readonly #reels = new Map<string, SlateReel>();
  readonly #listeners = new Set<(id: string, channel: LiveChannel) => void>();
  /** When this process began to serve, UTC milliseconds. */
  readonly startMs: number;

  constructor(deps: ChannelsDeps) {
    this.#deps = deps;
    this.#configs = new Map(deps.config.channels.map((channel) => [channel.id, channel]));
    this.startMs = deps.clock.nowMs();
  }

  /** The configuration of all channels, in its order. */
  get configs(): readonly ChannelConfig[] {
    return this.#deps.config.channels;
  }

  /**
   * The configuration of one channel. It does not open the channel.
   *
   * @throws {ChannelError} `unknown-channel` (404)
   */
  config(id: string): ChannelConfig {
    const config = this.#configs.get(id);
    if (config !== undefined) return config;
    throw new ChannelError(`channel ${JSON.stringify(id.slice(0, 80))}: not in the configuration`, {
      code: 'unknown-channel',
      status: 404,
    });
  }

  /** Calls back for each channel that is opened from now on. */
  onOpen(listener: (id: string, channel: LiveChannel) => void): void {
    this.#listeners.add(listener);
  }

  /** A channel, if it is open. */
  ifOpen(id: string): LiveChannel | undefined {
    return this.#open.get(id);
  }

  /** The channels that are open, by id. */
  get open(): ReadonlyMap<string, LiveChannel> {
    return this.#open;
  }

  /**
   * A channel; opened where it is not yet.
   *
   * @throws {ChannelError} `unknown-channel` (404)
   */
  get(id: string): LiveChannel {
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    const channel = this.#make(this.config(id));
    this.#open.set(id, channel);
    for (const listener of this.#listeners) listener(id, channel);
    return channel;
  }

  /** Moves all open channels on to the time given. To be called every 50 ms. */
  tick(nowMs: number): void {
    for (const channel of this.#open.values()) channel.tick(nowMs);
  }

  /** UTC has moved by so many milliseconds without this process: no feed was silent meanwhile. */
  excuse(missedMs: number): void {
    for (const channel of this.#open.values()) channel.excuse(missedMs);
  }

  #make(config: ChannelConfig): LiveChannel {
    const { windowSegments, feeds } = this.#deps.config;
    const { id, title, language } = config;
    const cut = channelCut(config);
    const nominal = new Map(nominalRenditions(config).map((info) => [info.id, info]));
    return new LiveChannel({
      nominal,
      timeline: {
        ...{ id, title, language, windowSegments, priorities: feeds },
        ...cut,
        renditions: [...nominal.values()].map((info) => ({ id: info.id, kind: info.kind })),
        slate: this.#reel(cut.partTargetMs, cut.gridUnits),
        log: this.#deps.logs.get(id) ?? null,
        startMs: this.startMs,
      },
      saveRuns: (snapshot) => this.#deps.saveRuns(id, snapshot),
    });
  }

  /** One reel for all channels that are cut alike: an idle channel costs no bytes of its own. */
  #reel(partTargetMs: number, gridUnits: number): SlateReel {
    const key = `${partTargetMs}/${gridUnits}`;
    let reel = this.#reels.get(key);
    if (reel === undefined) {
      const cachedSegments = this.#deps.config.windowSegments + SLATE_SEGMENTS_BEYOND_WINDOW;
      reel = new SlateReel(this.#deps.slate, partTargetMs, gridUnits, cachedSegments);
      this.#reels.set(key, reel);
    }
    return reel;
  }
}
