/** When an origin is full. */
export type AdmissionLimits = {
  /** Lateness of the event loop from which on no further viewer is admitted, milliseconds. */
  readonly lateMs: number;
  /** Connections of viewers. */
  readonly maxConnections: number;
};

/** What is measured of an origin. */
export type AdmissionLoad = {
  /** Lateness of the event loop, milliseconds. */
  readonly lateMs: number;
  /** Processor time that this process takes, in cores. */
  readonly cores: number;
  /** Connections of viewers who are in. */
  readonly connections: number;
};

/** Why nobody is admitted. */
export type FullReason = 'late' | 'connections';
/** What happens to a new viewer: admitted, told to come when there is room, or told to come in a moment. */
export type Entry = 'admitted' | 'full' | 'paced';

/** Below so many connections viewers are not what makes an origin late, and refusing them does not help: 25 students have 100. */
const CROWD = 500;
/** Below so much of a core of its own it is late because of others on the machine; and below the other it is calm. */
const OWN_CORES = 0.6;
const CALM_CORES = 0.5;
/** Viewers that are admitted each second while it is late: others may make it so, and then nobody would ever get in. */
const LATE_PER_S = 2;
/** It has room again when it was below this share of the limits, for {@link CALM_MS}. */
const ROOM_SHARE = 0.5;
const ROOM_CONNECTIONS_SHARE = 0.95;
const CALM_MS = 5000;
/** Viewers that are admitted at once, and each second: more would be in before the load that they make is measured. */
const BURST = 200;
const PER_S = 200;
/** And this share of the connections that are there: where many are borne, more may follow. */
const GROWTH_PER_S = 0.25;
/** Where the limit is near, viewers are admitted so much more slowly. */
const NEAR_SHARE = 0.25;

/**
 * Decides whether an origin takes new viewers: a state machine over what is measured, with hysteresis. Pure but for its own
 * state; times are of a steady clock, in milliseconds.
 */
export class ViewerAdmission {
  readonly #limits: AdmissionLimits;
  #full: FullReason | null = null;
  #load: AdmissionLoad = { lateMs: 0, cores: 0, connections: 0 };
  /** Since when the load was low enough; null while it is not. */
  #calmSinceMs: number | null = null;
  /** How many viewers may enter now. */
  #places = BURST;
  #placesAtMs: number | null = null;
  /** The same while it is full because it is late. */
  #latePlaces = LATE_PER_S;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Why the origin is full; null while it has room. */
  get full(): FullReason | null {
    return this.#full;
  }

  /**
   * Takes a measurement. To be called several times a second.
   *
   * @returns 'full' or 'room' when that has just changed
   */
  measure(load: AdmissionLoad, nowMs: number): 'full' | 'room' | null {
    this.#refill(nowMs);
    this.#load = load;
    const reason = this.#reasonFor(load);
    if (this.#full === null) {
      if (reason === null) return null;
      this.#full = reason;
      this.#calmSinceMs = null;
      return 'full';
    }
    if (reason !== null || !this.#isCalm(load)) {
      this.#calmSinceMs = null;
      this.#full = reason ?? this.#full;
      return null;
    }
    this.#calmSinceMs ??= nowMs;
    if (nowMs - this.#calmSinceMs < CALM_MS) return null;
    this.#full = null;
    this.#places = 0;
    return 'room';
  }

  /** A new viewer asks for an entry point. */
  enter(nowMs: number): Entry {
    this.#refill(nowMs);
    if (this.#full === 'late' && this.#latePlaces >= 1) {
      this.#latePlaces -= 1;
      return 'admitted';
    }
    if (this.#full !== null) return 'full';
    if (this.#places < 1) return 'paced';
    this.#places -= 1;
    return 'admitted';
  }

  #reasonFor({ lateMs, cores, connections }: AdmissionLoad): FullReason | null {
    if (connections >= this.#limits.maxConnections) return 'connections';
    return connections >= CROWD && cores >= OWN_CORES && lateMs >= this.#limits.lateMs ? 'late' : null;
  }

  #isCalm({ lateMs, cores, connections }: AdmissionLoad): boolean {
    return (
      connections < this.#limits.maxConnections * ROOM_CONNECTIONS_SHARE &&
      (connections < CROWD || cores < CALM_CORES || lateMs < this.#limits.lateMs * ROOM_SHARE)
    );
  }

  #refill(nowMs: number): void {
    const elapsedS = Math.max(0, nowMs - (this.#placesAtMs ?? nowMs)) / 1000;
    this.#placesAtMs = nowMs;
    const { lateMs, cores, connections } = this.#load;
    const isNear = connections >= CROWD && cores >= CALM_CORES && lateMs >= this.#limits.lateMs * ROOM_SHARE;
    const perS = (PER_S + connections * GROWTH_PER_S) * (isNear ? NEAR_SHARE : 1);
    this.#places = Math.min(BURST, this.#places + elapsedS * perS);
    this.#latePlaces = Math.min(LATE_PER_S, this.#latePlaces + elapsedS * LATE_PER_S);
  }
}

/**
 * When a viewer who is not admitted is to ask again, whole seconds: spread, so that those who were refused together do not
 * return together.
 *
 * @param random from 0 to below 1
 */
export function retryAfterS(entry: 'full' | 'paced', random: number): number {
  return entry === 'full' ? 3 + Math.floor(random * 12) : 1 + Math.floor(random * 3);
}
