import type { ObjectStore } from '../../shared/object-store.ts';
import { endMsOf } from '../packager/recording/stored-segment.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { indexKey, indexPrefix } from './archive-keys.ts';
import { BLOCK_MS, blockAt } from './index-block.ts';
import type { TimeRange } from './time-range.ts';

/**
 * When the newest segment of a channel in a range ends, whether the store lists it already or not.
 *
 * @returns UTC milliseconds, within the range; null when there is none
 * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
 */
export async function newestSegmentEndMs(
  { store, index }: { readonly store: Pick<ObjectStore, 'list'>; readonly index: ArchiveIndex },
  channel: string,
  { fromMs, toMs }: TimeRange,
): Promise<number | null> {
  const prefix = indexPrefix(channel);
  const blocks = new Set<number>();
  const add = (key: string): void => {
    const blockMs = Number.parseInt(key.slice(prefix.length), 10);
    if (blockMs >= blockAt(fromMs) && blockMs < toMs) blocks.add(blockMs);
  };
  const after = indexKey(channel, Math.max(0, blockAt(fromMs) - BLOCK_MS));
  for await (const { key } of store.list(prefix, { after })) add(key);
  for (const key of index.unlistedBlocks) if (key.startsWith(prefix)) add(key);
  for (const blockMs of [...blocks].toSorted((a, b) => b - a)) {
    const range = { fromMs: Math.max(fromMs, blockMs), toMs: Math.min(toMs, blockMs + BLOCK_MS) };
    const segments = await index.between(channel, range);
    if (segments.length > 0) return Math.min(toMs, Math.ceil(Math.max(...segments.map(endMsOf))));
  }
  return null;
}
