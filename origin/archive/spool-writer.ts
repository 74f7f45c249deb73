import { describeError } from '../../shared/errors.ts';
import type { Segment } from '../packager/media.ts';
import { describeSegment, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { initKey } from './archive-keys.ts';
import type { Spool } from './spool.ts';
import type { Spooled } from './spool-names.ts';

/** What the writer works with. */
export type SpoolWriterDeps = {
  readonly spool: Spool;
  /** Limit of the spool, in bytes. */
  readonly maxSpoolBytes: number;
  /** Whether a segment is in the spool already. */
  isSpooled(channel: string, segment: StoredSegment): boolean;
  /** An object is in the spool. @param bytes null for an init segment */
  onSpooled(spooled: Spooled, bytes: Buffer | null): void;
  /** A segment could not be spooled. */
  onLost(channel: string, rendition: string, number: number, why: string): void;
};

/** Segments that are being written, in bytes: a disk that hangs must not fill the memory. */
const MAX_UNWRITTEN_BYTES = 128 * 2 ** 20;
/** Segments of one channel that are being written, in bytes: its folder may hang, and the others' may not. */
const MAX_UNWRITTEN_OF_CHANNEL = 32 * 2 ** 20;
/** From this share of the spool's limit on a channel has no more than its own share of the spool. */
const SHARED_FROM = 0.75;
/** Init segments that are known to be spooled or stored; a forgotten one is spooled again. */
const MAX_INITS = 10_000;

/** Writes closed segments to the spool, off the hot path: those of a channel one after the other, in the order given. */
export class SpoolWriter {
  readonly #deps: SpoolWriterDeps;
  /** The newest write of each channel, and the size of all its segments that are being written. */
  readonly #channels = new Map<string, { readonly last: Promise<void>; readonly sizeBytes: number }>();
  /** Writes of init segments, by key; they stay when they are done. */
  readonly #inits = new Map<string, Promise<void>>();
  #unwrittenBytes = 0;

  constructor(deps: SpoolWriterDeps) {
    this.#deps = deps;
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.#channels.size === 0;
  }

  /** Resolves when all segments taken so far are written, or lost. @param channel one channel only; all when it is left out */
  async settled(channel?: string): Promise<void> {
    if (channel === undefined) await Promise.all([...this.#channels.values()].map(({ last }) => last));
    else await this.#channels.get(channel)?.last;
  }

  /**
   * Takes a closed segment. Returns at once; a segment that cannot be written is reported to `onLost`.
   *
   * @param segment closed and no gap; borrowed
   */
  take(channel: string, rendition: string, segment: Segment): void {
    const { onLost } = this.#deps;
    const sizeBytes = segment.parts.reduce((sum, part) => sum + part.bytes.length, 0);
    const before = this.#channels.get(channel) ?? { last: Promise.resolve(), sizeBytes: 0 };
    const refusal = this.#refusal(channel, sizeBytes, before.sizeBytes);
    if (refusal !== null) {
      onLost(channel, rendition, segment.number, refusal);
      return;
    }
    this.#unwrittenBytes += sizeBytes;
    const last = before.last
      .then(() => this.#write(channel, rendition, segment))
      .catch((error: unknown) => onLost(channel, rendition, segment.number, describeError(error)))
      .finally(() => {
        this.#unwrittenBytes -= sizeBytes;
        const now = this.#channels.get(channel);
        if (now === undefined || now.last === last) this.#channels.delete(channel);
        else this.#channels.set(channel, { ...now, sizeBytes: now.sizeBytes - sizeBytes });
      });
    this.#channels.set(channel, { last, sizeBytes: before.sizeBytes + sizeBytes });
  }

  /**
   * Why a segment cannot be taken; null when it can. A channel that the store refuses must not fill the spool for all: once it is
   * nearly full, each has its share of it.
   */
  #refusal(channel: string, sizeBytes: number, unwrittenBytes: number): string | null {
    const { spool, maxSpoolBytes } = this.#deps;
    const isTooMuch = this.#unwrittenBytes + sizeBytes > MAX_UNWRITTEN_BYTES;
    if (isTooMuch || unwrittenBytes + sizeBytes > MAX_UNWRITTEN_OF_CHANNEL)
      return 'the local disk is too slow';
    const spoolBytes = spool.sizeBytes + sizeBytes;
    if (spoolBytes > maxSpoolBytes) return `the spool is full (${maxSpoolBytes} bytes)`;
    const own = spool.sizeOf(channel);
    const shareBytes = maxSpoolBytes / Math.max(1, spool.channelCount + (own === 0 ? 1 : 0));
    if (spoolBytes <= SHARED_FROM * maxSpoolBytes || own + sizeBytes <= shareBytes) return null;
    return `the spool is nearly full, and its channel has more than its share (${Math.floor(shareBytes)} bytes)`;
  }

  /** An init segment was lost: the next segment that needs it spools it again. */
  forgetInit(channel: string, rendition: string, hash: string): void {
    this.#inits.delete(initKey(channel, rendition, hash));
  }

  async #write(channel: string, rendition: string, segment: Segment): Promise<void> {
    // Requests that wait for this segment are answered first.
    await new Promise((resolve) => setImmediate(resolve));
    const { spool, isSpooled, onSpooled } = this.#deps;
    const { init, number, parts } = segment;
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const stored = describeSegment(rendition, number, bytes, init);
    // A restarted origin cuts the last half minute again; some of its segments are in the spool already.
    if (isSpooled(channel, stored)) return;
    await this.#writeInit({ kind: 'init', channel, rendition, hash: init.hash }, init.bytes);
    const spooled: Spooled = { kind: 'segment', channel, segment: stored };
    await spool.write(spooled, bytes);
    onSpooled(spooled, bytes);
  }

  /** Writes an init segment once. */
  #writeInit(init: Extract<Spooled, { kind: 'init' }>, bytes: Buffer): Promise<void> {
    const key = initKey(init.channel, init.rendition, init.hash);
    const known = this.#inits.get(key);
    if (known !== undefined) return known;
    if (this.#inits.size >= MAX_INITS) this.#inits.clear();
    const write = this.#deps.spool.write(init, bytes).then(() => this.#deps.onSpooled(init, null));
    this.#inits.set(key, write);
    write.catch(() => this.#inits.delete(key));
    return write;
  }
}
