import { ChannelPuts, type FreePlaces, type PendingPut, type PutFault } from './channel-puts.ts';
import type { Spooled } from './spool-names.ts';

/** A put that {@link PutSchedule.next} has started. */
export type StartedPut = { readonly channel: string; readonly put: PendingPut };

/** Puts in flight at the same time. Those of channels and objects that failed before are not counted, nor are slow ones. */
export const PUTS_AT_ONCE = 8;
/** Puts in flight of channels that are slow or failed before, and of objects that failed before: they take no place of the others. */
export const PROBES_AT_ONCE = 4;
/** All puts in flight, slow ones too. */
export const PUTS_MOST = 32;
/** A put in flight for so long takes no place of others: the folder, or the connection, of its channel may hang. Milliseconds. */
export const SLOW_MS = 5000;
/** Bytes of pending objects that stay in memory, so that they need not be read from the spool. */
export const MAX_BYTES_IN_MEMORY = 32 * 2 ** 20;

type InFlight = { readonly channel: string; readonly startedMs: number; readonly isProbe: boolean };

/**
 * Decides which spooled object is put next, and when. Pure: time is passed in, and nothing is put here.
 *
 * Each channel has its own queue and its own delay after failures, see {@link ChannelPuts}; channels take turns. So a folder or an
 * object that the store refuses holds up no other channel.
 */
export class PutSchedule {
  /** Those with anything to put, the one whose turn is next first. */
  readonly #channels = new Map<string, ChannelPuts>();
  readonly #inFlight = new Map<PendingPut, InFlight>();
  #bytesInMemory = 0;
  /** No put may start before this time; null when the channels have to be looked at. */
  #idleUntilMs: number | null = null;

  /** Objects that are not in flight. */
  get pendingCount(): number {
    return this.#sum(({ pendingCount }) => pendingCount);
  }

  /** Objects that the store does not take while it takes others of their channels. */
  get asideCount(): number {
    return this.#sum(({ asideCount }) => asideCount);
  }

  /** Objects in flight. */
  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** Channels whose puts fail. */
  get failingChannels(): readonly string[] {
    return [...this.#channels].flatMap(([channel, { isFailing }]) => (isFailing ? [channel] : []));
  }

  /** Whether the puts of a channel fail. */
  isFailing(channel: string): boolean {
    return this.#channels.get(channel)?.isFailing === true;
  }

  /** Adds an object behind all others of its channel. @param bytes held in memory while there is room for them */
  add(spooled: Spooled, bytes: Buffer | null = null): void {
    const isHeld = bytes !== null && this.#bytesInMemory + bytes.length <= MAX_BYTES_IN_MEMORY;
    if (isHeld) this.#bytesInMemory += bytes.length;
    let puts = this.#channels.get(spooled.channel);
    if (puts === undefined) {
      puts = new ChannelPuts();
      this.#channels.set(spooled.channel, puts);
    }
    puts.add(spooled, isHeld ? bytes : null);
    // A channel that fails with others pending is due when it was before.
    if (!puts.isFailing || puts.pendingCount === 1) this.#idleUntilMs = null;
  }

  /**
   * Takes the next object to put; it is in flight until {@link succeeded}, {@link failed}, {@link setAside} or {@link dropped} is
   * called.
   *
   * @param nowMs a steady clock
   * @param withProbes false: nothing that failed before is tried
   * @returns null when none may start now
   */
  next(nowMs: number, withProbes = true): StartedPut | null {
    if (this.#idleUntilMs !== null && nowMs < this.#idleUntilMs) return null;
    const { forPut, forProbe } = this.#freePlaces(nowMs);
    const slow = this.#slowChannels(nowMs);
    for (const [channel, puts] of this.#channels) {
      const { isFailing } = puts;
      const isSlow = slow.has(channel);
      const put = puts.take(nowMs, { forPut: isSlow ? forProbe : forPut, forProbe: forProbe && withProbes });
      if (put === null) continue;
      const isProbe = isFailing || isSlow || put.isAside;
      this.#inFlight.set(put, { channel, startedMs: nowMs, isProbe });
      this.#bytesInMemory -= put.bytes?.length ?? 0;
      this.#channels.delete(channel);
      this.#channels.set(channel, puts);
      return { channel, put };
    }
    this.#idleUntilMs = this.#nextDueMs(nowMs);
    return null;
  }

  /** How long no put may start, milliseconds; null when that depends on puts in flight, or there is nothing to put. */
  waitMs(nowMs: number): number | null {
    if (this.#idleUntilMs === null) return 0;
    return Number.isFinite(this.#idleUntilMs) ? Math.max(0, this.#idleUntilMs - nowMs) : null;
  }

  /** The store has the object. */
  succeeded({ channel, put }: StartedPut): void {
    this.#end(channel, put, (puts) => puts.succeeded(put));
  }

  /** The object needs no put: it is lost, or the store has it already. This does not count as a success or failure of the store. */
  dropped({ channel, put }: StartedPut): void {
    this.#end(channel, put, (puts) => puts.dropped(put));
  }

  /** The store did not take the object. It is tried again. @returns whose fault that is */
  failed({ channel, put }: StartedPut, nowMs: number): PutFault {
    let fault: PutFault = 'object';
    this.#end(channel, put, (puts) => {
      fault = puts.failed(put, nowMs);
    });
    return fault;
  }

  /** The object itself cannot be put now; it is tried again by itself. */
  setAside({ channel, put }: StartedPut, nowMs: number): void {
    this.#end(channel, put, (puts) => puts.setAside(put, nowMs));
  }

  /** Removes objects of a channel that are not in flight. @returns those removed */
  discard(channel: string, isToGo: (spooled: Spooled) => boolean): readonly Spooled[] {
    const gone = this.#channels.get(channel)?.discard(isToGo) ?? [];
    for (const { bytes } of gone) this.#bytesInMemory -= bytes?.length ?? 0;
    this.#removeIfEmpty(channel);
    return gone.map(({ spooled }) => spooled);
  }

  /** Forgets all that is not in flight. */
  clear(): void {
    for (const channel of [...this.#channels.keys()]) this.discard(channel, () => true);
    this.#bytesInMemory = 0;
  }

  #end(channel: string, put: PendingPut, change: (puts: ChannelPuts) => void): void {
    this.#inFlight.delete(put);
    this.#idleUntilMs = null;
    const puts = this.#channels.get(channel);
    if (puts === undefined) return;
    change(puts);
    this.#removeIfEmpty(channel);
  }

  #removeIfEmpty(channel: string): void {
    const puts = this.#channels.get(channel);
    if (puts?.pendingCount === 0 && puts.inFlightCount === 0) this.#channels.delete(channel);
  }

  #freePlaces(nowMs: number): FreePlaces {
    let [puts, probes] = [0, 0];
    for (const { startedMs, isProbe } of this.#inFlight.values()) {
      if (isProbe) probes += 1;
      else if (nowMs - startedMs < SLOW_MS) puts += 1;
    }
    const hasPlace = puts < PUTS_AT_ONCE && this.#inFlight.size < PUTS_MOST;
    return { forPut: hasPlace, forProbe: probes < PROBES_AT_ONCE };
  }

  /** Channels with a put in flight that is slow. */
  #slowChannels(nowMs: number): ReadonlySet<string> {
    const slow = new Set<string>();
    for (const { channel, startedMs } of this.#inFlight.values()) {
      if (nowMs - startedMs >= SLOW_MS) slow.add(channel);
    }
    return slow;
  }

  /** When the first channel is due, or a put in flight becomes slow and leaves its place; infinity for never. */
  #nextDueMs(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const puts of this.#channels.values()) {
      const own = puts.dueMs();
      if (own !== null && own > nowMs) dueMs = Math.min(dueMs, own);
    }
    for (const { startedMs } of this.#inFlight.values()) {
      if (startedMs + SLOW_MS > nowMs) dueMs = Math.min(dueMs, startedMs + SLOW_MS);
    }
    return dueMs;
  }

  #sum(count: (puts: ChannelPuts) => number): number {
    let sum = 0;
    for (const puts of this.#channels.values()) sum += count(puts);
    return sum;
  }
}
