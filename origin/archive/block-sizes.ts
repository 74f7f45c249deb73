import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { parseBlock } from './index-block.ts';

type BlockSize = { readonly objectBytes: number; readonly mediaBytes: number };

/** The size of the media that blocks of the index list. A block is read again when its own object has another size. */
export class BlockSizes {
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  #known = new Map<string, BlockSize>();
  #seen = new Map<string, BlockSize>();

  constructor(store: ObjectStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * Size of the segments that a block lists, in bytes; 0 for a block that cannot be read.
   *
   * @param objectBytes size of the block's own object
   * @throws {StoreError} `store-unavailable` (503)
   */
  async mediaBytesOf(key: string, objectBytes: number): Promise<number> {
    const known = this.#known.get(key);
    const mediaBytes = known?.objectBytes === objectBytes ? known.mediaBytes : await this.#read(key);
    this.#seen.set(key, { objectBytes, mediaBytes });
    return mediaBytes;
  }

  /** Forgets blocks that were not requested since the last call: they no longer exist. */
  forgetUnseen(): void {
    this.#known = this.#seen;
    this.#seen = new Map();
  }

  async #read(key: string): Promise<number> {
    try {
      const segments = parseBlock((await this.#store.get(key)).toString('utf8'), key);
      return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      this.#logger.warn({ object: key }, `retention cannot read a block: ${describeError(error)}`);
      return 0;
    }
  }
}
