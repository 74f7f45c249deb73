import { type ObjectStore, PartialListError } from '../../shared/object-store.ts';
import { idOfKey, indexPrefix } from './archive-keys.ts';

/** A block of the index, as the store lists it. */
export type ListedBlock = {
  readonly key: string;
  /** Its beginning, UTC milliseconds. */
  readonly blockMs: number;
  /** Size of its object. */
  readonly objectBytes: number;
};

/** All blocks of one channel. */
export type ChannelBlocks = { readonly channel: string; readonly blocks: readonly ListedBlock[] };

const BLOCK_KEY = /^index\/((?:x\.)?[a-z0-9-]{1,64})\/(\d{1,15})\.jsonl$/;

/**
 * Lists the blocks of the index, channel by channel.
 *
 * @throws {StoreError} `store-unavailable` (503), when it is iterated; {@link PartialListError} after all that can be listed
 */
export async function* listChannelBlocks(
  store: Pick<ObjectStore, 'list'>,
): AsyncGenerator<ChannelBlocks, void, undefined> {
  let channel = '';
  let blocks: ListedBlock[] = [];
  // The store lists in the order of keys, so the blocks of one channel follow each other.
  let failure: PartialListError | undefined;
  try {
    for await (const { key, sizeBytes } of store.list(indexPrefix())) {
      const [, owner, blockText] = BLOCK_KEY.exec(key) ?? [];
      if (owner === undefined || blockText === undefined) continue;
      const id = idOfKey(owner);
      if (id !== channel) {
        if (blocks.length > 0) yield { channel, blocks };
        channel = id;
        blocks = [];
      }
      blocks.push({ key, blockMs: Number(blockText), objectBytes: sizeBytes });
    }
  } catch (error) {
    // What cannot be listed of other channels does not matter to this one.
    if (!(error instanceof PartialListError)) throw error;
    failure = error;
  }
  if (blocks.length > 0) yield { channel, blocks };
  if (failure !== undefined) throw failure;
}
