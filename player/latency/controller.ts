import { LatenessTracker } from './lateness.ts';
import type { LatencyTuning } from './tuning.ts';

/** What the player looks like at one moment. Media times and the clock are in milliseconds. */
export type PlayheadSample = {
  /** A clock that never steps back. */
  readonly nowMs: number;
  readonly playheadMs: number;
  /** End of the buffered range that the playhead is in; the playhead itself when it is in none. */
  readonly bufferEndMs: number;
  /** False while paused, seeking or starved: the speed is left alone then. */
  readonly moving: boolean;
  /** False when the viewer paused or went back on purpose: the playhead is theirs. */
  readonly following: boolean;
};

/** What to do about the latency. */
export type LatencyDecision = {
  /** playbackRate to be set. */
  readonly rate: number;
  /** Media time within the buffer to seek to, in milliseconds, or null to stay. */
  readonly seekToMs: number | null;
};

type Mode = 'hold' | 'faster' | 'slower';

const MAX_RATE = 1.08;
/** More than a second behind, the difference is worth more speed: speech bears it, and a jump would cost words. */
const FAR_RATE = 1.2;
const MIN_RATE = 0.95;
const FAR_MS = 1000;
/** The same while joining, and after a stall: there is no rhythm to lose then. */
const HURRY_FAR_MS = 120;
/** How long after its first moving picture, or after a stall, a page is in a hurry, in milliseconds. */
const HURRY_MS = 10_000;
const JUMP_PAUSE_MS = 3000;
const RAISE_HALF_LIFE_MS = 30_000;
const SAME_STALL_MS = 4000;
/** A page that has just begun to play is busy with itself: how late parts land then says nothing of the network. */
const WARM_UP_MS = 2000;
/** Share of a part that is added while nothing was learned, and the landings after which nothing is added. */
const DOUBT_SHARE = 0.5;
const SURE_AFTER = 25;
/** Landings after which it is known well enough where to jump on joining. */
const KNOWN_AFTER = 4;
/** With less than this share of the margin buffered, it is no time to hurry. */
const LOW_SHARE = 0.6;

/**
 * Holds the playhead as close to live as the network allows.
 *
 * The lag of the playhead is the clock minus its media time. A part lands in time when its lateness is below the lag. So
 * the goal for the lag is the lateness that nearly all parts keep to, plus a margin, plus what stalls have taught. Lag and
 * goal are both known at once, whatever the speed, so there is no loop delay and nothing to oscillate; a dead band with
 * hysteresis keeps the speed from flickering.
 */
export class LatencyController {
  readonly #tuning: LatencyTuning;
  readonly #lateness: LatenessTracker;
  #mode: Mode = 'hold';
  #rate = 1;
  #raiseMs = 0;
  #raisedAtMs = 0;
  #stalledAtMs = Number.NEGATIVE_INFINITY;
  #jumpedAtMs = Number.NEGATIVE_INFINITY;
  #warmAtMs: number | null = null;
  #joiningUntilMs = Number.POSITIVE_INFINITY;
  #hurryUntilMs = Number.NEGATIVE_INFINITY;

  constructor(tuning: LatencyTuning) {
    this.#tuning = tuning;
    this.#lateness = new LatenessTracker(tuning.partTargetMs);
  }

  /**
   * Decides on speed and place. To be called when a part was appended, and at least ten times a second.
   *
   * @returns the speed to play at, 0.95 to 1.2, and where to seek
   */
  decide(sample: PlayheadSample): LatencyDecision {
    this.#warmUp(sample);
    this.#lateness.observe(sample.nowMs, sample.bufferEndMs);
    const errorMs = this.behindMs(sample.nowMs, sample.playheadMs);
    if (errorMs === null || !sample.following) return this.#stay();
    const goalMs = sample.playheadMs + errorMs;
    // Where nothing is buffered at the goal there is nothing to jump to: recovery sees to that.
    const mayJump = goalMs < sample.bufferEndMs && sample.nowMs - this.#jumpedAtMs > JUMP_PAUSE_MS;
    if (mayJump && errorMs > this.#jumpBehindMs(sample)) {
      this.#jumpedAtMs = sample.nowMs;
      this.#stay();
      return { rate: 1, seekToMs: goalMs };
    }
    if (!sample.moving) return { rate: this.#rate, seekToMs: null };
    this.#mode = nextMode(this.#mode, errorMs, this.#tuning.deadbandMs);
    const isFar = errorMs > FAR_MS || (errorMs > HURRY_FAR_MS && sample.nowMs < this.#hurryUntilMs);
    this.#rate = rateFor(this.#mode, errorMs, this.#rate, isFar);
    const low = sample.bufferEndMs - sample.playheadMs < LOW_SHARE * this.#tuning.marginMs;
    return { rate: low ? Math.min(1, this.#rate) : this.#rate, seekToMs: null };
  }

  /**
   * Tells that playback ran dry: the goal moves back a little, and comes forward again within a minute or two. What follows on its
   * heels is the same trouble and counts once.
   */
  stalled(nowMs: number): void {
    if (nowMs - this.#stalledAtMs < SAME_STALL_MS) return;
    this.#stalledAtMs = nowMs;
    this.#hurryUntilMs = nowMs + HURRY_MS;
    this.#raiseMs = Math.min(this.#tuning.maxRaiseMs, this.raiseMs(nowMs) + this.#tuning.stallRaiseMs);
    this.#raisedAtMs = nowMs;
  }

  /** Forgets what was learned of arrivals: there is a new media timeline. What stalls taught stays. */
  reset(): void {
    this.#lateness.reset();
    this.#warmAtMs = null;
    this.#joiningUntilMs = Number.POSITIVE_INFINITY;
    this.#stay();
  }

  /** How far the playhead is behind its goal, in milliseconds; negative when too close; null while nothing is known. */
  behindMs(nowMs: number, playheadMs: number): number | null {
    const highMs = this.#lateness.highMs(this.#tuning.maxJitterMs);
    if (highMs === null) return null;
    return nowMs - playheadMs - (highMs + this.#tuning.marginMs + this.raiseMs(nowMs) + this.#doubtMs());
  }

  /** What stalls have added to the goal and time has not yet taken away, in milliseconds. */
  raiseMs(nowMs: number): number {
    return this.#raiseMs * 2 ** ((this.#raisedAtMs - nowMs) / RAISE_HALF_LIFE_MS);
  }

  /** Learned jitter of arrivals, in milliseconds. */
  jitterMs(): number {
    return (this.#lateness.highMs(this.#tuning.maxJitterMs) ?? 0) - (this.#lateness.usualMs() ?? 0);
  }

  /**
   * While the page was busy starting, and while it found its quality, parts piled up. What haste does not make good in a
   * few seconds is jumped over as soon as it is known where to: later it would cost words.
   */
  #jumpBehindMs({ moving, nowMs }: PlayheadSample): number {
    const known = this.#warmAtMs === Number.POSITIVE_INFINITY && this.#lateness.count() >= KNOWN_AFTER;
    const isJoining = moving && known && nowMs < this.#joiningUntilMs;
    return isJoining ? this.#tuning.joinJumpMs : this.#tuning.jumpBehindMs;
  }

  /** Who has seen few parts land has not seen the latest ones: a little more room until then. */
  #doubtMs(): number {
    return DOUBT_SHARE * this.#tuning.partTargetMs * Math.max(0, 1 - this.#lateness.count() / SURE_AFTER);
  }

  #warmUp(sample: PlayheadSample): void {
    if (sample.moving && this.#warmAtMs === null) {
      this.#warmAtMs = sample.nowMs + WARM_UP_MS;
      this.#joiningUntilMs = sample.nowMs + HURRY_MS;
      this.#hurryUntilMs = this.#joiningUntilMs;
    }
    if (this.#warmAtMs === null || sample.nowMs < this.#warmAtMs) return;
    this.#warmAtMs = Number.POSITIVE_INFINITY;
    this.#lateness.forgetArrivals();
  }

  #stay(): LatencyDecision {
    this.#mode = 'hold';
    this.#rate = 1;
    return { rate: 1, seekToMs: null };
  }
}

function nextMode(mode: Mode, errorMs: number, deadbandMs: number): Mode {
  if (errorMs > deadbandMs) return 'faster';
  if (errorMs < -deadbandMs * 0.7) return 'slower';
  // Inside the band a correction under way goes on until the goal is reached, and nothing else begins.
  if (mode === 'faster' && errorMs > 5) return 'faster';
  if (mode === 'slower' && errorMs < 0) return 'slower';
  return 'hold';
}

function rateFor(mode: Mode, errorMs: number, current: number, isFar: boolean): number {
  if (mode === 'hold') return 1;
  const wanted =
    mode === 'faster'
      ? 1 + clamp(errorMs / (isFar ? 700 : 1500), 0.02, (isFar ? FAR_RATE : MAX_RATE) - 1)
      : 1 - clamp(-errorMs / 1000, 0.02, 1 - MIN_RATE);
  // Each change of speed restarts the sound's time stretching: small ones are not worth it.
  return Math.abs(wanted - current) < 0.015 && current !== 1 ? current : Math.round(wanted * 100) / 100;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
