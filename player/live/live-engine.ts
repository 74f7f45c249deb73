import type { Transfer } from '../abr/bandwidth.ts';
import type { Level } from '../abr/levels.ts';
import type { Engine, FailureCause } from '../playback/engine.ts';
import type { ToldWait } from '../playback/told-wait.ts';
import type { Loading } from './line-shape.ts';

/** What a live engine reports. All calls come from the event loop, never from inside a call to the engine. */
export type LiveEngineEvents = {
  /** Levels are known, and the engine waits for {@link LiveEngine.start}. */
  readonly onLevels: (levels: readonly Level[]) => void;
  /** The part target is known or has changed, in milliseconds. */
  readonly onPartTarget: (partTargetMs: number) => void;
  /** The buffer grew. */
  readonly onAppended: () => void;
  readonly onTransfer: (transfer: Transfer) => void;
  /** A request for media has waited so long for a connection, in milliseconds. */
  readonly onQueued: (milliseconds: number) => void;
  /** The last part of a segment is in the buffer: the moment at which a change of level costs least. */
  readonly onSegmentEnd: () => void;
  /** The level on the screen. */
  readonly onLevel: (index: number) => void;
  /** It cannot continue by itself. `status` is the HTTP status where there is one, `told` the wait that a
   * server asks for. */
  readonly onFatal: (cause: FailureCause, status: number | null, told: ToldWait | null) => void;
};

/** Plays one channel live. */
export type LiveEngine = Engine & {
  /** Starts to load media, at the live edge. */
  start(level: number): void;
  /** Changes the level of what is loaded next; what is buffered stays. */
  setLevel(index: number): void;
  /** {@link LiveEngine.setKeyframesOnly} does something. */
  readonly canSkipPictures: boolean;
  /** From the next segment on: has the first picture of each segment decoded alone, or all again. */
  setKeyframesOnly(keyframesOnly: boolean): void;
  /** Changes how media is loaded. */
  setLoading(loading: Loading): void;
  /** Media time to seek to for live, in seconds; null while unknown. */
  livePosition(): number | null;
  /** Media time at which the newest playlist ends, in seconds; null while unknown. */
  edge(): number | null;
  /** Address of the sound alone; null where there is none. */
  audioOnlyUrl(): string | null;
};

/** Makes an engine that plays `url` in `video`. */
export type LiveEngineFactory = (
  video: HTMLVideoElement,
  url: string,
  events: LiveEngineEvents,
) => LiveEngine;
