import type { TrackChunk } from '../tracks/track-writer.ts';

/** How much is kept for an origin that comes back. */
export type RingLimits = {
  /** Media time, milliseconds. */
  readonly keepMs: number;
  readonly maxBytes: number;
};

/**
 * The newest chunks of one track, each with a number that only grows. Pure.
 *
 * Whole groups of pictures are dropped from the front, as soon as all of their frames are older than `keepMs`: what is
 * kept can be decoded from its first frame on, and the last `keepMs` are always there as long as they fit `maxBytes`.
 */
export class ChunkRing {
  readonly #limits: RingLimits;
  readonly #chunks: TrackChunk[] = [];
  /** Numbers of the sync chunks that are kept, ascending. */
  readonly #syncs: number[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Number of the next chunk that will be pushed. */
  get end(): number {
    return this.#first + this.#chunks.length;
  }

  /** Number of the oldest chunk that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Bytes of the chunks that are kept. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Number of the oldest chunk that decoding can start at; `end` when there is none. */
  get start(): number {
    return this.#syncs[0] ?? this.end;
  }

  /** The chunk with this number; undefined when it has left, or has not come yet. */
  at(number: number): TrackChunk | undefined {
    return this.#chunks[number - this.#first];
  }

  /** Milliseconds of media from this number to the end. */
  lagMs(number: number): number {
    const from = this.at(Math.max(number, this.#first));
    const newest = this.#chunks.at(-1);
    return from === undefined || newest === undefined ? 0 : newest.startMs + newest.durationMs - from.startMs;
  }

  /** Keeps a chunk; its bytes belong to the ring from now on. */
  push(chunk: TrackChunk): void {
    if (chunk.isSync) this.#syncs.push(this.end);
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes.length;
    const keepFromMs = chunk.startMs + chunk.durationMs - this.#limits.keepMs;
    for (let second = this.#syncs[1]; second !== undefined; second = this.#syncs[1]) {
      const next = this.at(second);
      if (next === undefined || next.startMs > keepFromMs) break;
      this.#dropTo(second);
    }
    let over = this.#first;
    for (let bytes = this.#bytes; bytes > this.#limits.maxBytes && over < this.end - 1; over++) {
      bytes -= this.at(over)?.bytes.length ?? 0;
    }
    this.#dropTo(over);
  }

  #dropTo(number: number): void {
    const count = number - this.#first;
    if (count <= 0) return;
    for (const chunk of this.#chunks.splice(0, count)) this.#bytes -= chunk.bytes.length;
    this.#first = number;
    while ((this.#syncs[0] ?? number) < number) this.#syncs.shift();
  }
}
