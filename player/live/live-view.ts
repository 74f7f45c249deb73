import { type Signal, signal } from '@preact/signals';
import type { Level } from '../abr/levels.ts';
import type { ChannelInfo } from '../channel/channel-info.ts';
import { bufferEnd } from '../playback/buffered.ts';
import { type SoundView, createSoundView } from '../playback/sound-view.ts';
import type { LiveState } from './live-state.ts';

/** What the statistics panel shows. Durations in milliseconds; null while unknown. */
export type PlaybackStats = {
  /** From the epoch stamp to this playhead, by the server's clock. */
  readonly latencyMs: number | null;
  readonly bufferMs: number;
  readonly behindGoalMs: number | null;
  readonly jitterMs: number;
  readonly rate: number;
  readonly estimateBps: number | null;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly droppedFrames: number;
  readonly shownFrames: number;
  readonly stalls: number;
  readonly rebuilds: number;
  readonly firstFrameMs: number | null;
};

/** What a page shows of a live session, as signals. */
export type LiveView = SoundView & {
  readonly state: Signal<LiveState>;
  readonly channel: Signal<ChannelInfo | null>;
  readonly levels: Signal<readonly Level[]>;
  /** Index of the level on the screen; -1 while unknown. */
  readonly playing: Signal<number>;
  /** What the viewer chose: a level, or null for automatic. */
  readonly chosen: Signal<number | null>;
  readonly audioOnly: Signal<boolean>;
  readonly audioOnlyPossible: Signal<boolean>;
  /** Seconds behind live while the viewer is behind on purpose; 0 while she follows live. */
  readonly behindS: Signal<number>;
  /** The machine cannot decode more: a lower level, keyframes, or no pictures. */
  readonly busy: Signal<'no' | 'lower' | 'keyframes' | 'none'>;
  /** What is shown in place of the pictures that are not decoded; null for nothing. */
  readonly still: Signal<HTMLCanvasElement | null>;
  /** The picture stands still though it should not. */
  readonly waiting: Signal<boolean>;
  readonly stats: Signal<PlaybackStats>;
};

/** Statistics before anything was played. */
export const NO_STATS: PlaybackStats = {
  latencyMs: null,
  bufferMs: 0,
  behindGoalMs: null,
  jitterMs: 0,
  rate: 1,
  estimateBps: null,
  widthPx: 0,
  heightPx: 0,
  droppedFrames: 0,
  shownFrames: 0,
  stalls: 0,
  rebuilds: 0,
  firstFrameMs: null,
};

/** What the video element reports about playback. */
export function elementStats(
  video: HTMLVideoElement,
): Pick<PlaybackStats, 'bufferMs' | 'rate' | 'widthPx' | 'heightPx'> {
  const { currentTime, playbackRate: rate, videoWidth: widthPx, videoHeight: heightPx } = video;
  const bufferMs = Math.max(0, (bufferEnd(video.buffered, currentTime) - currentTime) * 1000);
  return { bufferMs, rate, widthPx, heightPx };
}

/** Makes the signals of a session that has not started. */
export function createLiveView(audioOnly: boolean): LiveView {
  return {
    ...createSoundView(),
    state: signal<LiveState>('loading'),
    channel: signal<ChannelInfo | null>(null),
    levels: signal<readonly Level[]>([]),
    playing: signal(-1),
    chosen: signal<number | null>(null),
    audioOnly: signal(audioOnly),
    audioOnlyPossible: signal(false),
    behindS: signal(0),
    busy: signal<'no' | 'lower' | 'keyframes' | 'none'>('no'),
    still: signal<HTMLCanvasElement | null>(null),
    waiting: signal(false),
    stats: signal(NO_STATS),
  };
}
