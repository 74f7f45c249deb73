import type { TrackChunk } from '../tracks/track-writer.ts';

/** How much is held for an origin that comes back. */
export type RingLimits = {
  /** Media time, milliseconds. */
  readonly holdMs: number;
  readonly maxBytes: number;
};

/**
 * The newest chunks of one track, each with a number that only grows. Pure.
 *
 * Whole groups of pictures are dropped from the front once all of their frames are older than `holdMs`. So the ring can always be
 * decoded from its first chunk, and holds the last `holdMs` as long as they fit `maxBytes`.
 */
export class ChunkRing {
  readonly #limits: RingLimits;
  readonly #chunks: TrackChunk[] = [];
  /** Numbers of the sync chunks in the ring, ascending. */
  readonly #syncs: number[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Number of the next chunk to be pushed. */
  get end(): number {
    return this.#first + this.#chunks.length;
  }

  /** Number of the oldest chunk in the ring. */
  get first(): number {
    return this.#first;
  }

  /** End of the newest chunk, UTC milliseconds; 0 before the first. */
  get endMs(): number {
    const newest = this.#chunks.at(-1);
    return newest === undefined ? 0 : newest.startMs + newest.durationMs;
  }

  /** Bytes of all chunks in the ring. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Number of the oldest chunk that decoding can start at; `end` when there is none. */
  get start(): number {
    return this.#syncs[0] ?? this.end;
  }

  /** The chunk with this number; undefined when it was dropped or not pushed yet. */
  at(number: number): TrackChunk | undefined {
    return this.#chunks[number - this.#first];
  }

  /** Milliseconds of media from this number to the end. */
  lagMs(number: number): number {
    const from = this.at(Math.max(number, this.#first));
    const newest = this.#chunks.at(-1);
    return from === undefined || newest === undefined ? 0 : newest.startMs + newest.durationMs - from.startMs;
  }

  /** Adds a chunk; the ring owns its bytes from now on. */
  push(chunk: TrackChunk): void {
    if (chunk.isSync) this.#syncs.push(this.end);
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes.length;
    const holdFromMs = chunk.startMs + chunk.durationMs - this.#limits.holdMs;
    for (let second = this.#syncs[1]; second !== undefined; second = this.#syncs[1]) {
      const next = this.at(second);
      if (next === undefined || next.startMs > holdFromMs) break;
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
