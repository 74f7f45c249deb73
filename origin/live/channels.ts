import { type ChannelConfig, type LecternConfig, PART_TARGET_MS, rungId } from '../../config/schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { AUDIO_SAMPLE_RATE_HZ, SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { LiveChannel } from './live-channel.ts';
import { ChannelTimeline } from '../packager/timeline/channel-timeline.ts';
import { KEYFRAME_GRACE } from '../packager/feed/feed-track.ts';
import type { RenditionInfo } from '../packager/media.ts';
import type { RunLogSnapshot } from '../packager/timeline/run-log.ts';
import { SlateReel, type SlateTrack } from '../packager/feed/slate-feed.ts';

/** A channel was asked for that is not in the configuration. */
export class ChannelError extends AppError {}

/** Passthrough segments last two D: long enough for a keyframe every two seconds, which is what publishers send. */
const PASSTHROUGH_GRID_UNITS = 2;
/**
 * Passthrough parts are a quarter longer: at the frame rates of cameras and phones, 24 and 29.97 among them, whole frames
 * then fill at least 85 % of a part (RFC 8216bis §4.4.4.9). 1.004 holds six frames of 23.976 fps.
 */
const PASSTHROUGH_PART_FACTOR = 1.25 * 1.004;

/** What the channels need. */
export type ChannelsDeps = {
  readonly config: LecternConfig;
  readonly clock: Clock;
  readonly slate: readonly SlateTrack[];
  readonly logs: ReadonlyMap<string, RunLogSnapshot>;
  keep(channel: string, snapshot: RunLogSnapshot): void;
};

/** The channels of the configuration; each comes to life when somebody asks for it or pushes to it. */
export class Channels {
  readonly #deps: ChannelsDeps;
  readonly #configs: ReadonlyMap<string, ChannelConfig>;
  readonly #live = new Map<string, LiveChannel>();
  readonly #reels = new Map<string, SlateReel>();
  /** When this process began to serve, UTC milliseconds. */
  readonly startMs: number;
  readonly #listeners = new Set<(id: string, channel: LiveChannel) => void>();

  constructor(deps: ChannelsDeps) {
    this.#deps = deps;
    this.#configs = new Map(deps.config.channels.map((channel) => [channel.id, channel]));
    this.startMs = deps.clock.nowMs();
  }

  /** The configuration's channels, in its order. */
  get configs(): readonly ChannelConfig[] {
    return this.#deps.config.channels;
  }

  /**
   * What a channel is set to; it is not brought to life by that.
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

  /** Part target duration of a channel, in milliseconds. */
  partTargetMs({ latency, ladder }: ChannelConfig): number {
    return PART_TARGET_MS[latency] * (ladder.mode === 'passthrough' ? PASSTHROUGH_PART_FACTOR : 1);
  }

  /** Calls back for each channel that comes to life. */
  onOpen(listener: (id: string, channel: LiveChannel) => void): void {
    this.#listeners.add(listener);
  }

  /** A channel that somebody has asked for; undefined where nobody has. */
  ifLive(id: string): LiveChannel | undefined {
    return this.#live.get(id);
  }

  /** Those that somebody has asked for. */
  get live(): ReadonlyMap<string, LiveChannel> {
    return this.#live;
  }

  /**
   * A channel, brought to life.
   *
   * @throws {ChannelError} `unknown-channel` (404)
   */
  open(id: string): LiveChannel {
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const channel = this.#make(this.config(id));
    this.#live.set(id, channel);
    for (const listener of this.#listeners) listener(id, channel);
    return channel;
  }

  #make(config: ChannelConfig): LiveChannel {
    const { windowSegments, feeds } = this.#deps.config;
    const isPassthrough = config.ladder.mode === 'passthrough';
    const gridUnits = isPassthrough ? PASSTHROUGH_GRID_UNITS : 1;
    const partTargetMs = this.partTargetMs(config);
    const nominal = new Map(nominalRenditions(config).map((info) => [info.id, info]));
    // A passthrough segment may end late, at the next keyframe.
    const longestMs = SEGMENT_DURATION_MS * gridUnits * (isPassthrough ? 1 + KEYFRAME_GRACE : 1);
    const timeline = new ChannelTimeline({
      id: config.id,
      title: config.title,
      language: config.language,
      partTargetMs,
      gridUnits,
      // "The EXTINF duration … when rounded to the nearest integer, MUST be less than or equal" (RFC 8216bis §4.4.3.1).
      targetDurationS: Math.round(longestMs / 1000),
      videoCut: isPassthrough ? 'keyframes' : 'grid',
      windowSegments,
      renditions: [...nominal.values()].map(({ id, kind }) => ({ id, kind })),
      priorities: feeds,
      slate: this.#reel(partTargetMs, gridUnits),
      log: this.#deps.logs.get(config.id) ?? null,
      startMs: this.startMs,
    });
    return new LiveChannel({ timeline, nominal, keep: (snapshot) => this.#deps.keep(config.id, snapshot) });
  }

  /** One reel for all channels of one shape: an idle channel costs no bytes of its own. */
  #reel(partTargetMs: number, gridUnits: number): SlateReel {
    const key = `${partTargetMs}/${gridUnits}`;
    let reel = this.#reels.get(key);
    if (reel === undefined) {
      const kept = this.#deps.config.windowSegments + 8;
      reel = new SlateReel(this.#deps.slate, partTargetMs, gridUnits, kept);
      this.#reels.set(key, reel);
    }
    return reel;
  }
}

/**
 * What a channel's renditions are going to be, as far as the configuration tells: a 16:9 picture at 25 fps.
 *
 * @returns video best first, then sound
 */
export function nominalRenditions({ ladder }: ChannelConfig): RenditionInfo[] {
  const rungs =
    ladder.mode === 'passthrough'
      ? [{ id: 'source', height: 720, videoKbps: 2500 }]
      : ladder.rungs.map(({ height, videoKbps }) => ({ id: rungId(height), height, videoKbps }));
  const video = rungs
    .toSorted((a, b) => b.height - a.height)
    .map(
      ({ id, height, videoKbps }): RenditionInfo => ({
        id,
        kind: 'video',
        codec: height > 720 ? 'avc1.640028' : 'avc1.64001f',
        widthPx: Math.round((height * 16) / 9 / 2) * 2,
        heightPx: height,
        frameRate: 25,
        sampleRateHz: 0,
        channels: 0,
        peakBps: videoKbps * 1250,
        averageBps: videoKbps * 1000,
      }),
    );
  const audio: RenditionInfo = {
    id: 'audio',
    kind: 'audio',
    codec: 'mp4a.40.2',
    widthPx: 0,
    heightPx: 0,
    frameRate: 0,
    sampleRateHz: AUDIO_SAMPLE_RATE_HZ,
    channels: 2,
    peakBps: ladder.audioKbps * 1100,
    averageBps: ladder.audioKbps * 1000,
  };
  return [...video, audio];
}
