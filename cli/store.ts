import { loadConfig } from '../config/load.ts';
import { rebuildIndex } from '../origin/archive/rebuild-index.ts';
import { openStore } from '../origin/store/open-store.ts';
import { createLogger } from '../shared/logger.ts';
import { readOptions, UsageError } from './usage.ts';

/**
 * `lectern store rebuild`: rebuilds the archive's index from the stored segments.
 *
 * It may run beside origins: they list the segments that they close meanwhile themselves.
 *
 * @throws {UsageError} `bad-usage`
 * @throws {ConfigError} when the configuration cannot be read
 * @throws {StoreError} when the store cannot be opened, or fails
 */
export async function storeCommand([task, ...args]: readonly string[]): Promise<void> {
  if (task !== 'rebuild') {
    throw new UsageError(`store ${JSON.stringify(task ?? '')}: want store rebuild`);
  }
  const options = readOptions(args, ['channel', 'config']);
  const store = await openStore(loadConfig(options.config), createLogger('warn'));
  try {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const { segments, blocks, unreadable } = await rebuildIndex(store, options.channel, say);
    say(`${segments} segments in ${blocks} blocks; ${unreadable} objects skipped`);
  } finally {
    await store.close();
  }
}
