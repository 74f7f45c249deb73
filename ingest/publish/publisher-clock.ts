import { StandingStamp } from './standing-stamp.ts';
import { unwrapTimestampMs } from './unwrap-timestamp.ts';

/** The kind of media that a timestamp belongs to. */
export type MediaKind = 'audio' | 'video';

/** Where a frame of a publisher lies in time. */
export type PlacedFrame = {
  /** Time of the publication, without jumps and wraps, milliseconds; may be negative at the start. */
  readonly timeMs: number;
  /** What was taken out of the timestamps from this frame on, milliseconds; negative for a fall; 0 without a jump. */
  readonly jumpedMs: number;
};

/** The clock of one kind. */
type Line = {
  /** The last timestamp without wraps. */
  readonly rawMs: number;
  /** The newest time, and when it arrived. */
  readonly newestMs: number;
  readonly arrivalMs: number;
  /** Time minus timestamp. */
  readonly shiftMs: number;
  /** Set behind a silence in which the timestamps stood still. */
  readonly stood: Stood | null;
};

/** A silence of one kind in which its timestamps did not move on: its clock stood still, or its line did. */
type Stood = {
  /** When the silence ended. */
  readonly sinceMs: number;
  /** Time minus arrival before it, and at its end: less by what is missing. */
  readonly leadBeforeMs: number;
  readonly leadMs: number;
};

/** Decode times of one kind only grow; encoders that send presentation times reorder by a few frames. */
const BACK_MS = 500;
/** A shorter step is never a leap: slow pictures have steps of a second. */
const MIN_LEAP_MS = 1000;
/** A live publisher cannot be further ahead of the clock than this after a step. */
const LIVE_AHEAD_MS = 2000;
/** A step of a publisher that was ahead already (a file that is sent too fast) is a leap from here on. */
const FILE_AHEAD_MS = 10_000;
/** Two kinds whose timestamps arrive this far apart count from different zeros: less may be an encoder's delay. */
const CLOCKS_APART_MS = 5000;
/** A shift that is known already is used when the frame is this close to where it is expected: sound and picture stay together. */
const KNOWN_SHIFT_MS = 1000;
/** A silence whose timestamps lack this much may be one of an encoder that stopped its clock. */
const STOOD_MS = 3000;
/** What waited on a line arrives faster than it was filmed: by this much within {@link WATCH_MS}. */
const DRAINED_MS = 300;
const WATCH_MS = 3000;
/** How many shifts are remembered. */
const MAX_SHIFTS = 8;
/** Timestamps of encoders that leave the extended timestamp out wrap here (RTMP 1.0 §5.3.1.3). */
const SHORT_PERIOD_MS = 2 ** 24;

/**
 * Takes jumps out of a publisher's timestamps, so that everything behind it sees one continuous clock.
 *
 * Sound and picture each have a shift. A frame that its shift would place before the previous one, or further ahead than the time
 * that has passed on the wall clock allows, gets another: one that is known already (of the other kind, or of a moment ago), or
 * one that puts it where the wall clock expects it. So a leap that both kinds make is taken out by the same amount, and silence
 * of the publisher remains silence, also where her encoder stops its clock meanwhile. Time is an argument.
 *
 * @see RTMP 1.0 §5.3.1: timestamps "roll over", and only differences count
 */
export class PublisherClock {
  readonly #lines = new Map<MediaKind, Line>();
  readonly #standing = { audio: new StandingStamp(), video: new StandingStamp() };
  /** Shifts of both kinds, newest first. */
  #shifts: readonly number[] = [];
  /** The newest change of a shift. */
  #changeMs = 0;
  /** By how much clocks that stood still were moved with the frame that is being placed. */
  #movedMs = 0;
  /** End of the newest silence after which the line delivered what had waited on it. */
  #drainedSinceMs = Number.NEGATIVE_INFINITY;
  /** Time minus arrival of the first frame. */
  #firstLeadMs: number | null = null;

  /** The newest time of one kind, milliseconds; null before its first frame. */
  newestMs(kind: MediaKind): number | null {
    return this.#lines.get(kind)?.newestMs ?? null;
  }

  /**
   * Places a frame.
   *
   * @param stampMs its RTMP timestamp, 0 ≤ t < 2^32
   * @param nowMs its arrival, milliseconds of a steady clock: UTC may be set
   */
  place(kind: MediaKind, stampMs: number, nowMs: number): PlacedFrame {
    const own = this.#lines.get(kind);
    const byArrival = this.#standing[kind].byArrival(stampMs, nowMs);
    if (own !== undefined && byArrival !== null) return this.#placeByArrival(kind, own, byArrival, nowMs);
    const near = own ?? this.#other(kind);
    const rawMs = unwrapTimestampMs(near?.rawMs ?? null, stampMs);
    const known = near?.shiftMs ?? 0;
    const shiftMs =
      near === undefined || this.#fits(rawMs + known, own, near, nowMs)
        ? known
        : this.#shiftFor(rawMs, own, near, nowMs);
    const timeMs = rawMs + shiftMs;
    const stood = own === undefined || shiftMs !== known ? null : this.#watch(own, timeMs, nowMs);
    if (own !== undefined && stood !== null && nowMs - stood.sinceMs >= WATCH_MS) {
      this.#moveOn(Math.round(stood.leadBeforeMs - (timeMs - nowMs)));
      return this.place(kind, stampMs, nowMs);
    }
    if (shiftMs !== known) this.#remember(known, shiftMs);
    this.#firstLeadMs ??= timeMs - nowMs;
    this.#standing[kind].placed(stampMs, timeMs, nowMs);
    const isNewest = own === undefined || shiftMs !== known || timeMs >= own.newestMs;
    const newest = isNewest ? { newestMs: timeMs, arrivalMs: nowMs } : own;
    const { newestMs, arrivalMs } = newest;
    this.#lines.set(kind, { rawMs, shiftMs, newestMs, arrivalMs, stood });
    const movedMs = this.#movedMs;
    this.#movedMs = 0;
    return { timeMs, jumpedMs: known - shiftMs - movedMs };
  }

  /**
   * Places what has no time of its own, such as a sequence header: with the newest frame of its kind.
   *
   * @param stampMs used while no frame of either kind has come
   */
  placeBeside(kind: MediaKind, stampMs: number): number {
    const line = this.#lines.get(kind) ?? this.#other(kind);
    return line?.newestMs ?? unwrapTimestampMs(null, stampMs);
  }

  /** A clock that stands while frames go on: what it says next counts from where they are then. */
  #placeByArrival(
    kind: MediaKind,
    own: Line,
    { timeMs, isFirst }: { readonly timeMs: number; readonly isFirst: boolean },
    nowMs: number,
  ): PlacedFrame {
    const newestMs = Math.max(timeMs, own.newestMs);
    this.#lines.set(kind, { ...own, newestMs, arrivalMs: nowMs, stood: null });
    return { timeMs: newestMs, jumpedMs: isFirst ? own.newestMs - newestMs : 0 };
  }

  #other(kind: MediaKind): Line | undefined {
    return this.#lines.get(kind === 'audio' ? 'video' : 'audio');
  }

  #fits(timeMs: number, own: Line | undefined, near: Line, nowMs: number): boolean {
    const aheadMs = timeMs - expectedMs(near, nowMs);
    if (own === undefined) return Math.abs(aheadMs) <= CLOCKS_APART_MS;
    const stepMs = timeMs - own.newestMs;
    if (stepMs < -BACK_MS) return false;
    const leadMs = own.newestMs - own.arrivalMs - (this.#firstLeadMs ?? 0);
    const allowedMs = leadMs <= MIN_LEAP_MS ? LIVE_AHEAD_MS : FILE_AHEAD_MS;
    // What came late (a line that stood still) may be ahead of what came before by as much as that was late.
    return stepMs <= MIN_LEAP_MS || aheadMs <= allowedMs + Math.max(0, -leadMs);
  }

  #shiftFor(rawMs: number, own: Line | undefined, near: Line, nowMs: number): number {
    const wantMs = expectedMs(near, nowMs);
    const earliestMs = own === undefined ? Number.NEGATIVE_INFINITY : own.newestMs - BACK_MS;
    const candidates = [
      near.shiftMs + this.#changeMs,
      ...this.#shifts,
      near.shiftMs + SHORT_PERIOD_MS,
      near.shiftMs - SHORT_PERIOD_MS,
    ];
    for (const shiftMs of candidates) {
      const timeMs = rawMs + shiftMs;
      if (timeMs >= earliestMs && Math.abs(timeMs - wantMs) <= KNOWN_SHIFT_MS) return shiftMs;
    }
    // A millisecond later than the frame before, so that no two have one time.
    const earliestNewMs = own === undefined ? wantMs : Math.max(wantMs, own.newestMs + 1);
    return Math.round(earliestNewMs) - rawMs;
  }

  /** Follows a kind behind a silence. What drained for one kind drained for the line, and no clock stood still. */
  #watch(own: Line, timeMs: number, nowMs: number): Stood | null {
    const stood = watch(own, timeMs, nowMs);
    if (own.stood !== null && stood === null) {
      this.#drainedSinceMs = own.stood.sinceMs;
      for (const [kind, line] of this.#lines) this.#lines.set(kind, { ...line, stood: null });
    }
    return own.arrivalMs <= this.#drainedSinceMs ? null : stood;
  }

  /** Moves the kinds whose clocks stood still to where they were before. */
  #moveOn(byMs: number): void {
    this.#movedMs = byMs;
    for (const [kind, line] of this.#lines) {
      if (line.stood === null) continue;
      const { shiftMs, newestMs } = line;
      this.#lines.set(kind, { ...line, shiftMs: shiftMs + byMs, newestMs: newestMs + byMs, stood: null });
    }
  }

  #remember(known: number, shiftMs: number): void {
    this.#changeMs = shiftMs - known;
    const others = this.#shifts.filter((other) => other !== known && other !== shiftMs);
    this.#shifts = [shiftMs, known, ...others].slice(0, MAX_SHIFTS);
  }
}

/** Where the next frame is expected: as long after the newest one as the wall clock says. */
function expectedMs({ newestMs, arrivalMs }: Line, nowMs: number): number {
  return newestMs + Math.max(0, nowMs - arrivalMs);
}

/** Follows a kind behind a silence: null where nothing is missing, or what is missing arrives after all. */
function watch(line: Line, timeMs: number, nowMs: number): Stood | null {
  const { newestMs, arrivalMs, stood } = line;
  const leadMs = timeMs - nowMs;
  const missingMs = nowMs - arrivalMs - (timeMs - newestMs);
  if (missingMs >= STOOD_MS) {
    return { sinceMs: nowMs, leadBeforeMs: stood?.leadBeforeMs ?? newestMs - arrivalMs, leadMs };
  }
  return stood !== null && leadMs - stood.leadMs < DRAINED_MS ? stood : null;
}
