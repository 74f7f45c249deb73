import type { Spooled } from './spool-names.ts';

/** A spooled object that is to be put into the store. */
export type PendingPut = {
  readonly spooled: Spooled;
  /** The object's bytes; null when they have to be read from the spool. */
  readonly bytes: Buffer | null;
  /** Its position in the order in which the channel's objects were spooled. */
  readonly place: number;
  /** Failed puts of this object. */
  readonly failures: number;
  /** Puts of the channel that had succeeded when this one last failed. */
  readonly successesBefore: number;
  /** The store takes others of the channel and not this one: it is tried by itself now and then. */
  readonly isAside: boolean;
};

/** Whose fault a failed put is: the channel's, which is tried again later, or that of the one object, which is set aside. */
export type PutFault = 'channel' | 'object';

/** Which puts may start now. */
export type FreePlaces = { readonly forPut: boolean; readonly forProbe: boolean };

/** Puts of one channel in flight at the same time. */
export const PUTS_OF_CHANNEL = 4;
/** A put may overtake the oldest one of its channel in flight by this many places, so objects arrive in order but for that many. */
export const MAX_OUT_OF_ORDER = 16;
/** Delay before the first retry, milliseconds. It doubles with each failure. */
export const FIRST_RETRY_MS = 500;
/** Longest delay before a channel's retry, milliseconds. */
export const LAST_RETRY_MS = 15_000;
/** Shortest delay before an object that is set aside is tried again, milliseconds. It doubles with each failure. */
export const FIRST_ASIDE_MS = 1000;
/** Longest delay before an object that is set aside is tried again, milliseconds. */
export const LAST_ASIDE_MS = 60_000;

/**
 * The objects of one channel that are to be put, oldest first. Pure: time is passed in, and nothing is put here.
 *
 * After a failure one put is tried at a time, with a delay that doubles: in turn the oldest object, and one that has failed less
 * often. So one object that the store never takes cannot hold up the others: once they are taken and it is not, it is set aside.
 */
export class ChannelPuts {
  /** Sorted by place. */
  readonly #pending: PendingPut[] = [];
  /** The one tried longest ago first. */
  readonly #aside: PendingPut[] = [];
  readonly #placesInFlight = new Set<number>();
  #isAsideInFlight = false;
  #nextPlace = 0;
  #successes = 0;
  /** Failures since the last put that succeeded, of probes only. */
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #asideFailures = 0;
  #asideAtMs = Number.NEGATIVE_INFINITY;

  /** Objects that are not in flight. */
  get pendingCount(): number {
    return this.#pending.length + this.#aside.length;
  }

  /** Objects that are set aside and not in flight. */
  get asideCount(): number {
    return this.#aside.length;
  }

  /** Objects in flight. */
  get inFlightCount(): number {
    return this.#placesInFlight.size + (this.#isAsideInFlight ? 1 : 0);
  }

  /** True from the first failure of the channel until a put succeeds. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Adds an object behind all others. @param bytes null when they have to be read from the spool */
  add(spooled: Spooled, bytes: Buffer | null): void {
    const place = this.#nextPlace++;
    this.#pending.push({ spooled, bytes, place, failures: 0, successesBefore: 0, isAside: false });
  }

  /** When the next put may start, on the clock of {@link take}; null when that depends on puts in flight, or there is nothing. */
  dueMs(): number | null {
    if (this.inFlightCount > 0 && this.isFailing) return null;
    const due: number[] = [];
    if (this.#pending.length > 0 && !this.#isBlocked()) due.push(this.#retryAtMs);
    if (this.#mayTryAside()) due.push(Math.max(this.#asideAtMs, this.#retryAtMs));
    return due.length === 0 ? null : Math.min(...due);
  }

  /**
   * Takes the next object to put; it is in flight until {@link succeeded}, {@link failed}, {@link setAside} or {@link dropped} is
   * called.
   *
   * @param nowMs a steady clock
   * @param free whether there is a place for a put, and for a probe: one of a channel or of an object that failed before
   * @returns null when none may start now
   */
  take(nowMs: number, free: FreePlaces): PendingPut | null {
    if (nowMs < this.#retryAtMs || (this.isFailing && this.inFlightCount > 0)) return null;
    if (free.forProbe && this.#mayTryAside() && nowMs >= this.#asideAtMs) {
      this.#isAsideInFlight = true;
      return this.#aside.shift() ?? null;
    }
    if (!(this.isFailing ? free.forProbe : free.forPut) || this.#isBlocked()) return null;
    const at = this.isFailing ? this.#probeAt() : 0;
    const [put] = this.#pending.splice(at, 1);
    if (put === undefined) return null;
    this.#placesInFlight.add(put.place);
    return put;
  }

  /** The store has the object. */
  succeeded(put: PendingPut): void {
    this.dropped(put);
    this.#successes += 1;
    this.#failures = 0;
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
    if (!put.isAside) return;
    // What was wrong may be mended: the others are tried at once.
    this.#asideFailures = 0;
    this.#asideAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The object needs no put: it is lost, or the store has it already. This says nothing about the store. */
  dropped(put: PendingPut): void {
    if (put.isAside) this.#isAsideInFlight = false;
    else this.#placesInFlight.delete(put.place);
  }

  /** A put failed. The object goes back to its place, or is set aside when the store has taken others since it last failed. */
  failed(put: PendingPut, nowMs: number): PutFault {
    if (put.isAside || (put.failures > 0 && put.successesBefore !== this.#successes)) {
      this.setAside(put, nowMs);
      return 'object';
    }
    this.#placesInFlight.delete(put.place);
    const at = this.#pending.findIndex(({ place }) => place > put.place);
    this.#pending.splice(at < 0 ? this.#pending.length : at, 0, {
      ...put,
      bytes: null,
      failures: put.failures + 1,
      successesBefore: this.#successes,
    });
    // Several in flight that fail together are one failure.
    if (this.#failures > 0 && nowMs < this.#retryAtMs) return 'channel';
    this.#failures += 1;
    this.#retryAtMs = nowMs + delayMs(this.#failures, FIRST_RETRY_MS, LAST_RETRY_MS);
    return 'channel';
  }

  /** The object itself cannot be put now: others go before it. */
  setAside(put: PendingPut, nowMs: number): void {
    this.dropped(put);
    this.#aside.push({ ...put, bytes: null, failures: put.failures + 1, isAside: true });
    if (nowMs < this.#asideAtMs) return;
    this.#asideFailures += 1;
    this.#asideAtMs = nowMs + delayMs(this.#asideFailures, FIRST_ASIDE_MS, LAST_ASIDE_MS);
  }

  /** Removes objects that are not in flight. @returns those removed */
  discard(isToGo: (spooled: Spooled) => boolean): PendingPut[] {
    const gone: PendingPut[] = [];
    for (const list of [this.#pending, this.#aside]) {
      const left = list.filter((put) => !isToGo(put.spooled));
      gone.push(...list.filter((put) => isToGo(put.spooled)));
      list.splice(0, list.length, ...left);
    }
    return gone;
  }

  /** Whether puts in flight must end first. */
  #isBlocked(): boolean {
    if (this.#placesInFlight.size >= PUTS_OF_CHANNEL) return true;
    return (this.#pending[0]?.place ?? 0) >= Math.min(...this.#placesInFlight) + MAX_OUT_OF_ORDER;
  }

  #mayTryAside(): boolean {
    return (
      this.#aside.length > 0 && !this.#isAsideInFlight && (!this.isFailing || this.#pending.length === 0)
    );
  }

  /** In turn the oldest object, and of the next ones the youngest of those that have failed least: one folder of many may be at fault. */
  #probeAt(): number {
    if (this.#failures % 2 === 0) return 0;
    const near = this.#pending.slice(0, MAX_OUT_OF_ORDER);
    const fewest = Math.min(...near.map(({ failures }) => failures));
    return Math.max(
      0,
      near.findLastIndex(({ failures }) => failures === fewest),
    );
  }
}

/**
 * How long to wait after a failure, milliseconds.
 *
 * @param failures in a row, 1 or more
 */
export function delayMs(failures: number, firstMs: number, lastMs: number): number {
  return Math.min(lastMs, firstMs * 2 ** Math.min(failures - 1, 10));
}
