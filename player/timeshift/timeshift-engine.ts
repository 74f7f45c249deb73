import type { Level } from '../abr/levels.ts';
import type { Engine, FailureCause } from '../playback/engine.ts';
import type { ToldWait } from '../playback/told-wait.ts';

/** What a timeshift engine reports. All calls come from the event loop, never from inside a call to the engine. */
export type TimeshiftEngineEvents = {
  readonly onLevels: (levels: readonly Level[]) => void;
  /** The level on the screen. */
  readonly onLevel: (index: number) => void;
  /** It cannot continue by itself. `status` is the HTTP status where there is one. */
  readonly onFatal: (cause: FailureCause, status: number | null, told: ToldWait | null) => void;
};

/** Where an engine starts. */
export type TimeshiftStart = {
  /** Media time in seconds. */
  readonly atS: number;
  /** UTC milliseconds, exact where media time is an estimate; null without. */
  readonly programMs: number | null;
  /** Height in pixels of the quality that the viewer chose; null for automatic. */
  readonly qualityPx: number | null;
  /** Bit rate of the line lately, bits a second; null while unknown. */
  readonly bps: number | null;
};

/** Plays a recording, or a class on air from an earlier time. */
export type TimeshiftEngine = Engine & {
  /** @param index into the levels, or null for automatic */
  setLevel(index: number | null): void;
  /** @param heightPx height of the picture on the page in device pixels: levels with more are not loaded */
  setViewHeight(heightPx: number): void;
  /** What can be played, in seconds of media time; null while unknown. */
  range(): { readonly startS: number; readonly endS: number } | null;
  /** Bit rate of the line, bits a second; null while unknown. */
  bps(): number | null;
};

/** Makes an engine that plays `url` in `video`. */
export type TimeshiftEngineFactory = (
  video: HTMLVideoElement,
  url: string,
  start: TimeshiftStart,
  events: TimeshiftEngineEvents,
) => TimeshiftEngine;
