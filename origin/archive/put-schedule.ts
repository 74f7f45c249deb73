import type { Spooled } from './spool-names.ts';

/** A spooled object that is to be put into the store. */
export type PendingPut = {
  /** Its position in the order in which objects were spooled. */
  readonly place: number;
  readonly spooled: Spooled;
  /** The object's bytes; null when they have to be read from the spool. */
  readonly bytes: Buffer | null;
};

/** Puts in flight at the same time. */
export const PUTS_AT_ONCE = 8;
/** A put may overtake the oldest one in flight by this many places, so objects arrive in order but for that many. */
export const MAX_OUT_OF_ORDER = 16;
/** Bytes of pending objects that stay in memory, so that they need not be read from the spool. */
export const MAX_BYTES_IN_MEMORY = 32 * 2 ** 20;
/** Delay before the first retry, milliseconds. It doubles with each failure. */
export const FIRST_RETRY_MS = 500;
/** Longest delay before a retry, milliseconds. */
export const LAST_RETRY_MS = 15_000;

/**
 * Decides which spooled object is put next, and when. Pure: time is passed in, and nothing is put here.
 *
 * Objects are put oldest first. While the store fails, one put is tried at a time, with a delay that doubles.
 */
export class PutSchedule {
  /** Sorted by place. */
  readonly #pending: PendingPut[] = [];
  readonly #placesInFlight = new Set<number>();
  #nextPlace = 0;
  #bytesInMemory = 0;
  /** Failures since the last put that succeeded. */
  #failures = 0;
  #retryAtMs: number | null = null;

  /** Objects that are not in flight. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Objects in flight. */
  get inFlightCount(): number {
    return this.#placesInFlight.size;
  }

  /** True from the first failure until a put succeeds. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Adds an object behind all others. @param bytes held in memory while there is room for them */
  add(spooled: Spooled, bytes: Buffer | null = null): void {
    const isHeld = bytes !== null && this.#bytesInMemory + bytes.length <= MAX_BYTES_IN_MEMORY;
    if (isHeld) this.#bytesInMemory += bytes.length;
    this.#pending.push({ place: this.#nextPlace++, spooled, bytes: isHeld ? bytes : null });
  }

  /**
   * Takes the next object to put; it is in flight until {@link succeeded}, {@link failed} or {@link refused} is called.
   *
   * @param nowMs a steady clock
   * @returns null when none may start now
   */
  next(nowMs: number): PendingPut | null {
    if (this.retryInMs(nowMs) > 0) return null;
    this.#retryAtMs = null;
    const [first] = this.#pending;
    if (first === undefined || this.#placesInFlight.size >= (this.isFailing ? 1 : PUTS_AT_ONCE)) return null;
    if (first.place >= Math.min(...this.#placesInFlight) + MAX_OUT_OF_ORDER) return null;
    this.#pending.shift();
    this.#placesInFlight.add(first.place);
    this.#bytesInMemory -= first.bytes?.length ?? 0;
    return first;
  }

  /** How long no put may start, milliseconds; 0 when one may start now. */
  retryInMs(nowMs: number): number {
    return this.#retryAtMs === null ? 0 : Math.max(0, this.#retryAtMs - nowMs);
  }

  /** The store has the object. */
  succeeded({ place }: PendingPut): void {
    this.#placesInFlight.delete(place);
    this.#failures = 0;
  }

  /** The object needs no put: it is lost, or the store has it already. This does not count as a success or failure of the store. */
  dropped({ place }: PendingPut): void {
    this.#placesInFlight.delete(place);
  }

  /** The store failed. The object stays in its position: after an outage, too, the oldest one is put first. */
  failed(put: PendingPut, nowMs: number): void {
    this.#placesInFlight.delete(put.place);
    const at = this.#pending.findIndex(({ place }) => place > put.place);
    this.#pending.splice(at < 0 ? this.#pending.length : at, 0, { ...put, bytes: null });
    this.#countFailure(nowMs);
  }

  /** The store rejected this object, and may accept others: they are put first. */
  refused({ place, spooled }: PendingPut, nowMs: number): void {
    this.#placesInFlight.delete(place);
    this.add(spooled);
    this.#countFailure(nowMs);
  }

  /** Forgets all that is not in flight. */
  clear(): void {
    this.#pending.length = 0;
    this.#bytesInMemory = 0;
  }

  #countFailure(nowMs: number): void {
    this.#failures += 1;
    this.#retryAtMs ??= nowMs + retryDelayMs(this.#failures);
  }
}

/**
 * How long to wait after a failure, milliseconds.
 *
 * @param failures in a row, 1 or more
 */
export function retryDelayMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
}
