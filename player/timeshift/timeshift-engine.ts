import type { Level } from '../abr/levels.ts';
import type { Run } from '../playback/run-at.ts';

/** What an engine of the past tells. All calls come from the event loop, never from inside a call to the engine. */
export type TimeshiftEngineEvents = {
  readonly onLevels: (levels: readonly Level[]) => void;
  /** The level that is on the screen. */
  readonly onLevel: (index: number) => void;
  /** It cannot go on by itself. `status` is the HTTP status where there is one. */
  readonly onFatal: (cause: 'network' | 'media' | 'other', status: number | null) => void;
};

/** Where an engine begins. */
export type TimeshiftStart = {
  /** Media time in seconds. */
  readonly atS: number;
  /** UTC milliseconds, exact where media time is only a guess; null without. */
  readonly programMs: number | null;
  /** Height in pixels of the quality that was chosen; null for automatic. */
  readonly qualityPx: number | null;
  /** What the line carried lately, bits a second; null while unknown. */
  readonly bps: number | null;
};

/** One player of something that can be sought in: hls.js, or the browser's own. */
export type TimeshiftEngine = {
  /** @param index into the levels, or null for automatic */
  setLevel(index: number | null): void;
  /** The height of the picture on the page, in device pixels: more is not loaded than can be seen. */
  setViewHeight(heightPx: number): void;
  /** Program date time at a media time, UTC milliseconds; null while nothing is known. */
  programTimeMs(mediaTimeS: number): number | null;
  /** What can be played, in seconds of media time; null while nothing is known. */
  range(): { readonly startS: number; readonly endS: number } | null;
  /** Stretches on air that the playlist tells of. */
  runs(): readonly Run[];
  /** What the line carries, bits a second; null while unknown. */
  bps(): number | null;
  /** Goes on loading after a failure. */
  resume(): void;
  /** Gets over a decoder that failed; `swap` tries the other profile of the sound. */
  recoverMedia(swap: boolean): void;
  destroy(): void;
};

/** Makes an engine that plays `url` in `video`. */
export type TimeshiftEngineFactory = (
  video: HTMLVideoElement,
  url: string,
  start: TimeshiftStart,
  events: TimeshiftEngineEvents,
) => TimeshiftEngine;
