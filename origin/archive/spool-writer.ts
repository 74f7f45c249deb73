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
/** Init segments that are known to be spooled or stored; a forgotten one is spooled again. */
const MAX_INITS = 10_000;

/** Writes closed segments to the spool, off the hot path: those of a channel one after the other, in the order given. */
export class SpoolWriter {
  readonly #deps: SpoolWriterDeps;
  readonly #writes = new Set<Promise<void>>();
  /** The newest write of each channel. */
  readonly #lastWrites = new Map<string, Promise<void>>();
  /** Writes of init segments, by key; they stay when they are done. */
  readonly #inits = new Map<string, Promise<void>>();
  #unwrittenBytes = 0;

  constructor(deps: SpoolWriterDeps) {
    this.#deps = deps;
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.#writes.size === 0;
  }

  /** Resolves when all segments taken so far are written, or lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /**
   * Takes a closed segment. Returns at once; a segment that cannot be written is reported to `onLost`.
   *
   * @param segment closed and no gap; borrowed
   */
  take(channel: string, rendition: string, segment: Segment): void {
    const { spool, maxSpoolBytes, onLost } = this.#deps;
    const sizeBytes = segment.parts.reduce((sum, part) => sum + part.bytes.length, 0);
    if (this.#unwrittenBytes + sizeBytes > MAX_UNWRITTEN_BYTES) {
      onLost(channel, rendition, segment.number, 'the local disk is too slow');
      return;
    }
    if (spool.sizeBytes + sizeBytes > maxSpoolBytes) {
      onLost(channel, rendition, segment.number, `the spool is full (${maxSpoolBytes} bytes)`);
      return;
    }
    this.#unwrittenBytes += sizeBytes;
    const previous = this.#lastWrites.get(channel) ?? Promise.resolve();
    const write = previous
      .then(() => this.#write(channel, rendition, segment))
      .catch((error: unknown) => onLost(channel, rendition, segment.number, describeError(error)))
      .finally(() => {
        this.#unwrittenBytes -= sizeBytes;
        this.#writes.delete(write);
        if (this.#lastWrites.get(channel) === write) this.#lastWrites.delete(channel);
      });
    this.#writes.add(write);
    this.#lastWrites.set(channel, write);
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
