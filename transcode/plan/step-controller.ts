import type { PlanLevel } from './plan-level.ts';
import type { PlanCost } from './plan-cost.ts';

/** What is known of a broadcast's encoders at one moment. */
export type EncoderReading = {
  /** Monotonic, milliseconds. */
  readonly nowMs: number;
  /** How long the oldest picture that has not come out has waited, milliseconds. */
  readonly lagMs: number;
  /** Media time that the slowest encoder put out in a second of real time, over the last second. */
  readonly rate: number;
  /** For how long an encoder that had begun put out nothing, milliseconds. */
  readonly silentMs: number;
  /** What the encoders got of the computing power that the plan needs, 0 to 1. */
  readonly share: number;
  /** Encoders are being started or replaced: their lag says nothing yet. */
  readonly isChanging: boolean;
  /** Cores that are free for more, as an average over some time; null when unknown. */
  readonly roomCores: number | null;
  /** Cores that are idle at this moment; null when unknown. */
  readonly idleCores: number | null;
  /** The heaviest level that fits beside the worker's other broadcasts; 0 when left out. */
  readonly grantedLevel?: number;
};

/** A change of the plan. The same level again means that its encoders are replaced. */
export type PlanChange = {
  readonly level: number;
  /**
   * `lag`: the encoders do not keep up. `stuck`: they do nothing at all. `room`: there is computing power for more. `capacity`:
   * the worker needs it for other broadcasts.
   */
  readonly reason: 'lag' | 'stuck' | 'room' | 'capacity';
};

/** What a controller decides by. */
export type StepControllerOptions = {
  readonly plans: readonly PlanLevel[];
  readonly cost: PlanCost;
  /** Level to begin with. */
  readonly startLevel?: number;
};

/** Pictures may wait this long, milliseconds. */
export const LAG_LINE_MS = 500;
/** … and that for so long, until a step is taken. */
const PATIENCE_MS = 100;
/** Nothing came out for this long: the encoder does not run at all, which is different from too slowly. Milliseconds. */
const STUCK_MS = 600;
/** From this rate on a backlog shrinks by itself soon: after a burst of the publisher, for example. */
export const CATCHING_UP = 1.25;
/** Steps are judged after this time: a new encoder first has to make up for its start. Milliseconds. */
const SETTLE_MS = 1500;
/** A level is chosen that needs at most this share of what the encoders got … */
const FIT = 0.85;
/** … or this one where they are late by more than this, milliseconds: what is owed has to be made good as well. */
const FIT_WHEN_FAR = 0.65;
const FAR_MS = 1000;
/** Lag below which there may be room, milliseconds. */
const CALM_MS = 250;
/** First step up after so long without lag; the next ones follow faster. Milliseconds. */
const ROOM_MS = 30_000;
const NEXT_STEP_MS = 3000;
/** A step up that is taken back within this time is regretted. Milliseconds. */
const REGRET_MS = 30_000;
const MAX_ROOM_MS = 480_000;
/** At the last level encoders are replaced when they are this late, milliseconds … */
const RESYNC_LAG_MS = 1500;
/** … and not again for this time, which doubles each time up to the limit. Milliseconds. */
const RESYNC_MS = 5000;
const MAX_RESYNC_MS = 60_000;
/** Only so much of the idle cores is given to a step up. */
const ROOM_SHARE = 0.8;
/** A second ffmpeg needs at least so many idle cores to be of use. */
const PARALLEL_IDLE = 0.3;

/**
 * Decides which of a broadcast's plans is carried out. Pure: time and measurements are arguments.
 *
 * Down: when pictures have waited for more than half a second and the backlog does not shrink, to the first level that needs
 * no more than what the encoders got. Up: one level after 30 s without lag and with room, and further ones 3 s after each
 * other; the 30 s double with each step up that had to be taken back.
 */
export class StepController {
  readonly #options: StepControllerOptions;
  #level: number;
  #lateSinceMs: number | null = null;
  #calmSinceMs: number | null = null;
  #roomMs = ROOM_MS;
  #changedMs = Number.NEGATIVE_INFINITY;
  #steppedUpMs = Number.NEGATIVE_INFINITY;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #resyncMs = RESYNC_MS;
  #isFirstStepUp = true;

  constructor(options: StepControllerOptions) {
    this.#options = options;
    this.#level = Math.min(options.startLevel ?? 0, options.plans.length - 1);
  }

  /** The current level. */
  get level(): number {
    return this.#level;
  }

  /** Decides by one reading; to be called a few times a second. */
  decide(reading: EncoderReading): PlanChange | null {
    const { nowMs, lagMs, isChanging } = reading;
    if (isChanging) {
      this.#changedMs = nowMs;
      this.#lateSinceMs = null;
      return null;
    }
    if (lagMs > LAG_LINE_MS) this.#calmSinceMs = null;
    const grantedLevel = Math.min(reading.grantedLevel ?? 0, this.#options.plans.length - 1);
    if (this.#level < grantedLevel) return this.#change(grantedLevel, 'capacity', nowMs);
    return this.#down(reading) ?? this.#up(reading);
  }

  #down({ nowMs, lagMs, rate, silentMs, share, idleCores }: EncoderReading): PlanChange | null {
    const isLate = lagMs > LAG_LINE_MS && rate < CATCHING_UP;
    this.#lateSinceMs = isLate ? (this.#lateSinceMs ?? nowMs) : null;
    if (this.#lateSinceMs === null || nowMs - this.#lateSinceMs < PATIENCE_MS) return null;
    if (nowMs - this.#changedMs < SETTLE_MS) return null;
    if (silentMs >= STUCK_MS) {
      const isAgain = nowMs - this.#renewedMs < REGRET_MS;
      this.#renewedMs = nowMs;
      return this.#change(isAgain ? this.#affordable(0, lagMs, idleCores) : this.#level, 'stuck', nowMs);
    }
    if (this.#level >= this.#options.plans.length - 1) {
      if (lagMs < RESYNC_LAG_MS || nowMs - this.#changedMs < this.#resyncMs) return null;
      this.#resyncMs = Math.min(MAX_RESYNC_MS, this.#resyncMs * 2);
      return this.#change(this.#level, 'lag', nowMs);
    }
    if (nowMs - this.#steppedUpMs < REGRET_MS) {
      this.#roomMs = Math.min(MAX_ROOM_MS, this.#roomMs * 2);
      this.#steppedUpMs = Number.NEGATIVE_INFINITY;
    }
    return this.#change(this.#affordable(share, lagMs, idleCores), 'lag', nowMs);
  }

  #up({ nowMs, lagMs, roomCores, grantedLevel = 0 }: EncoderReading): PlanChange | null {
    if (lagMs > LAG_LINE_MS) return null;
    if (lagMs <= CALM_MS) this.#calmSinceMs ??= nowMs;
    if (this.#calmSinceMs !== null && nowMs - this.#calmSinceMs > ROOM_MS) this.#resyncMs = RESYNC_MS;
    if (this.#level === 0) {
      if (nowMs - this.#changedMs > MAX_ROOM_MS) this.#roomMs = ROOM_MS;
      return null;
    }
    if (this.#calmSinceMs === null) return null;
    const { plans, cost } = this.#options;
    let target = this.#level - 1;
    // A level that costs more than a heavier one, rungs in parallel, is for who falls behind.
    while (target > grantedLevel && costOf(plans[target], cost) > costOf(plans[target - 1], cost)) target--;
    const [now, above] = [plans[this.#level], plans[target]];
    if (now === undefined || above === undefined) return null;
    const fits = roomCores === null || cost(above) - cost(now) <= roomCores * ROOM_SHARE;
    if (this.#level <= grantedLevel || !fits) {
      // Half a minute with room means that there was room all the time.
      this.#calmSinceMs = nowMs;
      this.#isFirstStepUp = true;
      return null;
    }
    if (nowMs - this.#calmSinceMs < (this.#isFirstStepUp ? this.#roomMs : NEXT_STEP_MS)) return null;
    this.#isFirstStepUp = false;
    this.#steppedUpMs = nowMs;
    return this.#change(target, 'room', nowMs);
  }

  #change(level: number, reason: PlanChange['reason'], nowMs: number): PlanChange {
    if (reason !== 'room') this.#isFirstStepUp = true;
    this.#level = level;
    this.#changedMs = nowMs;
    this.#lateSinceMs = null;
    this.#calmSinceMs = null;
    return { level, reason };
  }

  /**
   * The next level that is no dearer than what the encoders got; the last one where none is.
   *
   * @param share of the current plan's cost that they got, 0 to 1
   */
  #affordable(share: number, lagMs: number, idleCores: number | null): number {
    const { plans, cost } = this.#options;
    const now = plans[this.#level];
    const last = plans.length - 1;
    if (now === undefined || this.#level >= last) return last;
    const mostCores = cost(now) * share * (lagMs > FAR_MS ? FIT_WHEN_FAR : FIT);
    for (let level = this.#level + 1; level <= last; level++) {
      const plan = plans[level];
      if (plan === undefined) break;
      // Its encoders run side by side: that helps where other cores are idle, whatever it costs.
      const helps = plan.name === 'parallel' && idleCores !== null && idleCores >= PARALLEL_IDLE;
      if (helps || cost(plan) <= mostCores) return level;
    }
    return last;
  }
}

function costOf(plan: PlanLevel | undefined, cost: PlanCost): number {
  return plan === undefined ? Number.POSITIVE_INFINITY : cost(plan);
}
