import type { StoredSegment } from '../packager/recording/stored-segment.ts';
import { indexKey } from './archive-keys.ts';
import { blockOf, segmentId } from './index-block.ts';

/** Segments of one block that the store does not list yet. */
export type UnlistedBlock = {
  readonly key: string;
  readonly channel: string;
  readonly segments: readonly StoredSegment[];
};

type Entry = { readonly segment: StoredSegment; isStored: boolean };
type Block = { readonly channel: string; readonly entries: Map<string, Entry> };

/** The segments that are in this process's spool: closed here, and not listed in the store yet. */
export class UnlistedSegments {
  /** By the key of their block of the index. */
  readonly #blocks = new Map<string, Block>();

  /** How many there are. */
  get count(): number {
    let count = 0;
    for (const { entries } of this.#blocks.values()) count += entries.size;
    return count;
  }

  /** Keys of the blocks that they belong to. */
  get blockKeys(): ReadonlySet<string> {
    return new Set(this.#blocks.keys());
  }

  /** Adds a segment; one that is known already stays as it is. */
  add(channel: string, segment: StoredSegment): void {
    const key = keyOf(channel, segment);
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = { channel, entries: new Map() };
      this.#blocks.set(key, block);
    }
    const id = segmentId(segment);
    if (!block.entries.has(id)) block.entries.set(id, { segment, isStored: false });
  }

  /** Its bytes are in the store: it may be listed there. */
  markStored(channel: string, segment: StoredSegment): void {
    const entry = this.#blocks.get(keyOf(channel, segment))?.entries.get(segmentId(segment));
    if (entry !== undefined) entry.isStored = true;
  }

  /** Whether a segment is among them. */
  has(channel: string, segment: StoredSegment): boolean {
    return this.find(keyOf(channel, segment), segment.rendition, segment.number) !== undefined;
  }

  /** One segment of a block. */
  find(key: string, rendition: string, number: number): StoredSegment | undefined {
    return this.#blocks.get(key)?.entries.get(segmentId({ rendition, number }))?.segment;
  }

  /** All segments of a block, in any order. */
  inBlock(key: string): StoredSegment[] {
    return [...(this.#blocks.get(key)?.entries.values() ?? [])].map(({ segment }) => segment);
  }

  /** Channels with some whose bytes are stored. */
  storedChannels(): string[] {
    const channels = new Set<string>();
    for (const { channel, entries } of this.#blocks.values()) {
      if (!channels.has(channel) && [...entries.values()].some(({ isStored }) => isStored)) {
        channels.add(channel);
      }
    }
    return [...channels];
  }

  /** Those of a channel whose bytes are stored, by block. */
  stored(channel: string): UnlistedBlock[] {
    const blocks: UnlistedBlock[] = [];
    for (const [key, block] of this.#blocks) {
      if (block.channel !== channel) continue;
      const segments = [...block.entries.values()].flatMap(({ segment, isStored }) =>
        isStored ? [segment] : [],
      );
      if (segments.length > 0) blocks.push({ key, channel: block.channel, segments });
    }
    return blocks;
  }

  /** Removes segments of a block: they are listed, or lost. */
  remove(key: string, segments: readonly StoredSegment[]): void {
    const block = this.#blocks.get(key);
    if (block === undefined) return;
    for (const segment of segments) block.entries.delete(segmentId(segment));
    if (block.entries.size === 0) this.#blocks.delete(key);
  }
}

function keyOf(channel: string, segment: StoredSegment): string {
  return indexKey(channel, blockOf(segment));
}
