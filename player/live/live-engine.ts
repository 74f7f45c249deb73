import type { Transfer } from '../abr/bandwidth.ts';
import type { Level } from '../abr/levels.ts';
import type { Run } from '../playback/run-at.ts';

/** What an engine tells. All calls come from the event loop, never from inside a call to the engine. */
export type LiveEngineEvents = {
  /** Renditions are known, and the engine waits for {@link LiveEngine.start}. */
  readonly onLevels: (levels: readonly Level[]) => void;
  /** The part target is known or has changed, in milliseconds. */
  readonly onPartTarget: (partTargetMs: number) => void;
  /** The buffer grew. */
  readonly onAppended: () => void;
  readonly onTransfer: (transfer: Transfer) => void;
  /** The last part of a segment is in the buffer: the moment at which a change of level costs least. */
  readonly onSegmentEnd: () => void;
  /** The level whose media is being loaded. */
  readonly onLevel: (index: number) => void;
  /** It cannot go on by itself. `status` is the HTTP status where there is one. */
  readonly onFatal: (cause: 'network' | 'media' | 'other', status: number | null, details: string) => void;
};

/** One player of one stream: hls.js, or the browser's own. */
export type LiveEngine = {
  /** Begins to load media, at the live edge. */
  start(level: number): void;
  /** Changes the level of what is loaded next; what is buffered stays. */
  setLevel(index: number): void;
  /** Media time to seek to for live, in seconds; null while nothing is known. */
  livePosition(): number | null;
  /** Program date time at a media time, UTC milliseconds; null while nothing is known. */
  programTimeMs(mediaTimeS: number): number | null;
  /** Stretches on air that the playlist tells of. */
  runs(): readonly Run[];
  /** Address of the sound alone; null when there is none. */
  audioOnlyUrl(): string | null;
  /** Goes on loading after a failure. */
  resume(): void;
  /** Gets over a decoder that failed; `swap` tries the other profile of the sound. */
  recoverMedia(swap: boolean): void;
  destroy(): void;
};

/** Makes an engine that plays `url` in `video`. */
export type LiveEngineFactory = (
  video: HTMLVideoElement,
  url: string,
  events: LiveEngineEvents,
) => LiveEngine;
