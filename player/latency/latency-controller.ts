import { ENOUGH_ARRIVALS, LatenessTracker } from './lateness.ts';
import type { LatencyTuning } from './tuning.ts';

/** The player at one moment. Media times and the clock are in milliseconds. */
export type PlayheadSample = {
  /** A clock that never steps back. */
  readonly nowMs: number;
  readonly playheadMs: number;
  /** End of the buffered range that the playhead is in; the playhead itself when it is in none. */
  readonly bufferEndMs: number;
  /** End of the newest playlist: what the server has, whether or not it is buffered. Null while unknown. */
  readonly edgeMs: number | null;
  /** The picture at the playhead is decoded and nothing holds playback back: it begins, or goes on. */
  readonly ready: boolean;
  /** False while paused, seeking or out of data: the speed stays as it is then. */
  readonly moving: boolean;
  /** False when the viewer paused or went back on purpose: the playhead stays where it is. */
  readonly following: boolean;
};

/** What to do about the latency. */
export type LatencyDecision = {
  /** playbackRate to be set. */
  readonly rate: number;
  /** Media time to seek to, in milliseconds, beyond the buffer only where live has left it behind; null to stay. */
  readonly seekToMs: number | null;
};

type Mode = 'hold' | 'faster' | 'slower';

const MAX_RATE = 1.08;
/** More than a second behind, more speed is justified: speech stays intelligible, and a jump would skip words. */
const FAR_RATE = 1.2;
const MIN_RATE = 0.95;
const FAR_MS = 1000;
/** The same while joining and after a stall, where speech has been interrupted anyway. */
const HURRY_FAR_MS = 120;
/** How long after the first moving picture, or after a stall, the higher speed is allowed, in milliseconds. */
const HURRY_MS = 10_000;
const JUMP_PAUSE_MS = 3000;
/** The same after a jump beyond the buffer, where everything is loaded anew. */
const FAR_JUMP_PAUSE_MS = 6000;
/** How long after the first moving picture a page counts as starting, in milliseconds, and its jumps by then: a busy machine takes so long for each that live runs away. */
const START_MS = 1000;
const MOST_START_JUMPS = 2;
const RAISE_HALF_LIFE_MS = 30_000;
const SAME_STALL_MS = 4000;
/** A page that has just started to play is busy: the lateness of parts then says nothing about the network. */
const WARM_UP_MS = 2000;
/** Share of a part that is added before the first arrival, and the arrivals after which nothing is added. */
const DOUBT_SHARE = 0.5;
const SURE_AFTER = ENOUGH_ARRIVALS;
/** Arrivals after which the goal is known well enough to jump to. */
const KNOWN_AFTER = 4;
/** With less than this share of the margin buffered, playback is never sped up. */
const LOW_SHARE = 0.6;

/**
 * Holds the playhead as close to live as the network allows.
 *
 * The lag of the playhead is the clock minus its media time. A part arrives in time when its lateness is below the lag. So
 * the goal for the lag is the lateness that nearly no part exceeds, plus a margin, plus what stalls have added. Lag and
 * goal are both known at once, whatever the speed, so the loop has no delay and cannot oscillate; a dead band with
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
  #mayJumpAtMs = Number.NEGATIVE_INFINITY;
  #startJumps = 0;
  /** Since the last stall nothing has moved. */
  #isStalled = false;
  #warmAtMs: number | null = null;
  #joiningUntilMs = Number.POSITIVE_INFINITY;
  #hurryUntilMs = Number.NEGATIVE_INFINITY;

  constructor(tuning: LatencyTuning) {
    this.#tuning = tuning;
    this.#lateness = new LatenessTracker(tuning.partTargetMs);
  }

  /**
   * Decides about speed and seeks. To be called when a part was appended, and at least ten times a second.
   *
   * @returns the speed to play at, 0.95 to 1.2, and where to seek
   */
  decide(sample: PlayheadSample): LatencyDecision {
    this.#warmUp(sample);
    this.#lateness.observe(sample.nowMs, sample.bufferEndMs);
    const errorMs = this.behindMs(sample.nowMs, sample.playheadMs);
    if (!sample.following) return this.#stay();
    const seekToMs = this.#jumpTo(sample, errorMs);
    if (seekToMs !== null) return { ...this.#stay(), seekToMs };
    if (errorMs === null) return this.#stay();
    if (!sample.moving) return { rate: this.#rate, seekToMs: null };
    this.#mode = nextMode(this.#mode, errorMs, this.#tuning.deadbandMs);
    const isFar = errorMs > FAR_MS || (errorMs > HURRY_FAR_MS && sample.nowMs < this.#hurryUntilMs);
    this.#rate = rateFor(this.#mode, errorMs, this.#rate, isFar);
    // While the page starts its goal is a hope: a whole part is left to be wrong by.
    const leastMs = this.#isWarmingUp() ? this.#tuning.partTargetMs : LOW_SHARE * this.#tuning.marginMs;
    const low = sample.bufferEndMs - sample.playheadMs < leastMs;
    return { rate: low ? Math.min(1, this.#rate) : this.#rate, seekToMs: null };
  }

  /**
   * Playback ran dry: the goal moves back a little, and returns within a minute or two. A stall right after
   * another one counts once.
   */
  stalled(nowMs: number): void {
    this.#isStalled = true;
    if (nowMs - this.#stalledAtMs < SAME_STALL_MS) return;
    this.#stalledAtMs = nowMs;
    this.#hurryUntilMs = nowMs + HURRY_MS;
    this.#raiseMs = Math.min(this.#tuning.maxRaiseMs, this.raiseMs(nowMs) + this.#tuning.stallRaiseMs);
    this.#raisedAtMs = nowMs;
  }

  /** Forgets what was learned about arrivals: media times start anew. What stalls have added stays. */
  reset(): void {
    this.#lateness.reset();
    this.#warmAtMs = null;
    this.#joiningUntilMs = Number.POSITIVE_INFINITY;
    this.#startJumps = 0;
    this.#isStalled = false;
    this.#stay();
  }

  /** How far the playhead is behind its goal, in milliseconds; negative when too close; null while nothing is known. */
  behindMs(nowMs: number, playheadMs: number): number | null {
    // A page that starts delays its parts by its own work: the one that it delayed least tells most about the network.
    const highMs = this.#isWarmingUp()
      ? this.#lateness.leastMs()
      : this.#lateness.highMs(this.#tuning.maxJitterMs);
    if (highMs === null) return null;
    return nowMs - playheadMs - (highMs + this.#tuning.marginMs + this.raiseMs(nowMs) + this.#doubtMs());
  }

  /** What stalls have added to the goal, less what has decayed since, in milliseconds. */
  raiseMs(nowMs: number): number {
    return this.#raiseMs * 2 ** ((this.#raisedAtMs - nowMs) / RAISE_HALF_LIFE_MS);
  }

  /** Learned jitter of arrivals, in milliseconds. */
  jitterMs(): number {
    return (this.#lateness.highMs(this.#tuning.maxJitterMs) ?? 0) - (this.#lateness.usualMs() ?? 0);
  }

  /**
   * Where to jump to, in milliseconds; null to stay.
   *
   * Live is found in two ways: by the goal, where parts have arrived regularly and it is in the buffer; and by the end of
   * the playlist, where the page loads far behind it or has not begun to play. A class whose playlist is late itself is
   * never jumped in: the playlist has no more.
   */
  #jumpTo(sample: PlayheadSample, errorMs: number | null): number | null {
    const { nowMs, playheadMs, bufferEndMs, edgeMs } = sample;
    const { startHoldMs, startJumpMs, maxBehindMs } = this.#tuning;
    const edgeGoalMs = edgeMs === null ? null : edgeMs - startHoldMs;
    const isStarting =
      this.#isWarmingUp() && nowMs < (this.#warmAtMs ?? Number.POSITIVE_INFINITY) - WARM_UP_MS + START_MS;
    if (isStarting && sample.ready && this.#startJumps < MOST_START_JUMPS && edgeGoalMs !== null) {
      // Next to nothing has been heard yet, so that next to nothing is lost by a jump.
      if (edgeGoalMs - playheadMs <= startJumpMs) return null;
      this.#startJumps++;
      this.#mayJumpAtMs = nowMs + JUMP_PAUSE_MS;
      return edgeGoalMs;
    }
    if (this.#warmAtMs === null) return null;
    if (nowMs <= this.#mayJumpAtMs) return null;
    const goalMs = errorMs === null ? null : playheadMs + errorMs;
    if (goalMs !== null && goalMs < bufferEndMs) {
      if ((errorMs ?? 0) <= this.#jumpBehindMs(sample)) return null;
      this.#mayJumpAtMs = nowMs + JUMP_PAUSE_MS;
      return goalMs;
    }
    if (edgeGoalMs === null || edgeGoalMs - playheadMs <= maxBehindMs || edgeGoalMs <= bufferEndMs)
      return null;
    this.#mayJumpAtMs = nowMs + FAR_JUMP_PAUSE_MS;
    return edgeGoalMs;
  }

  /**
   * How far behind its goal the playhead jumps, in milliseconds. While the page was starting and choosing its quality, parts
   * piled up. What more speed does not recover in a few seconds is skipped as soon as the goal is known: later a jump would
   * skip words. The same after a stall; and while it lasts a jump is the fastest way on, since browsers wait for more and
   * more sound after each stall, until they seek.
   */
  #jumpBehindMs({ moving, nowMs }: PlayheadSample): number {
    const known = !this.#isWarmingUp() && this.#lateness.count() >= KNOWN_AFTER;
    if (!known) return this.#tuning.jumpBehindMs;
    if (this.#isStalled && !moving) return this.#tuning.stallJumpMs;
    const isHurrying = moving && nowMs < Math.max(this.#joiningUntilMs, this.#hurryUntilMs);
    return isHurrying ? this.#tuning.joinJumpMs : this.#tuning.jumpBehindMs;
  }

  #isWarmingUp(): boolean {
    return this.#warmAtMs !== Number.POSITIVE_INFINITY;
  }

  /** After few arrivals the latest ones have not been seen yet: the goal gets a little more room. */
  #doubtMs(): number {
    return DOUBT_SHARE * this.#tuning.partTargetMs * Math.max(0, 1 - this.#lateness.count() / SURE_AFTER);
  }

  #warmUp(sample: PlayheadSample): void {
    if (sample.moving) this.#isStalled = false;
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
  // Inside the band a correction continues until the goal is reached, and no other starts.
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
  // Each change of speed restarts the time stretching of the sound: small ones are not worth that.
  return Math.abs(wanted - current) < 0.015 && current !== 1 ? current : Math.round(wanted * 100) / 100;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
