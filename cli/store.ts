import { loadConfig } from '../config/load.ts';
import { rebuildIndex } from '../origin/archive/rebuild-index.ts';
import { openStore } from '../origin/store/open-store.ts';
import { createLogger } from '../shared/logger.ts';
import { checkStore } from './store-check.ts';
import { readOptions, UsageError } from './usage.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `lectern store rebuild` rebuilds the archive's index from the stored segments; `lectern store check` tries the store, and with `--deep`
 * compares the index with the objects.
 *
 * Both may run beside origins: these list the segments that they close meanwhile themselves.
 *
 * @throws {UsageError} `bad-usage`
 * @throws {ConfigError} when the configuration cannot be read
 * @throws {StoreError} when the store cannot be opened, or fails; `store-check-failed`
 */
export async function storeCommand([task, ...args]: readonly string[]): Promise<void> {
  if (task === 'rebuild') await rebuild(args);
  else if (task === 'check') await check(args);
  else throw new UsageError(`store ${JSON.stringify(task ?? '')}: want store rebuild or store check`);
}

async function rebuild(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ['channel', 'config']);
  const store = await openStore(loadConfig(options.config), createLogger('warn'));
  try {
    const { segments, blocks, unreadable } = await rebuildIndex(store, options.channel, say);
    say(`${segments} segments in ${blocks} blocks; ${unreadable} objects skipped`);
  } finally {
    await store.close();
  }
}

async function check(args: readonly string[]): Promise<void> {
  const isDeep = args.includes('--deep');
  const { channel, config } = readOptions(
    args.filter((arg) => arg !== '--deep'),
    ['channel', 'config'],
  );
  if (channel !== undefined && !isDeep) throw new UsageError('store check: --channel needs --deep');
  await checkStore(loadConfig(config), { isDeep, channel }, say);
}
