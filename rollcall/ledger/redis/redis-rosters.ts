import { randomBytes } from 'node:crypto';
import type { RosterEntry } from '../ledger.ts';
import { readRoster } from '../stored-records.ts';
import type { RedisConnection } from './redis-connection.ts';
import { channelKey } from './redis-keys.ts';
import { RevalidatingCache } from './revalidating-cache.ts';

/** How long a class list is used before its version is asked for again, milliseconds. */
const FRESH_MS = 1000;

/** The class lists of channels in Redis, cached by their versions. */
export class RedisRosters {
  readonly #connection: RedisConnection;
  readonly #cache: RevalidatingCache<readonly RosterEntry[]>;

  constructor(connection: RedisConnection, nowMs: () => number) {
    this.#connection = connection;
    this.#cache = new RevalidatingCache(FRESH_MS, nowMs);
  }

  /**
   * Replaces a class list. It does not expire: a channel has its list until it gets another one.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async put(channel: string, roster: readonly RosterEntry[]): Promise<void> {
    const version = randomBytes(8).toString('hex');
    const [key, versionKey] = [channelKey(channel, 'roster'), channelKey(channel, 'roster-version')];
    await this.#connection.send('MSET', key, JSON.stringify(roster), versionKey, version);
    this.#cache.invalidate(channel);
  }

  /**
   * The class list of a channel; [] for none.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async get(channel: string): Promise<readonly RosterEntry[]> {
    return this.#cache.get(channel, async (cached) => {
      const version = String(
        (await this.#connection.send('GET', channelKey(channel, 'roster-version'))) ?? '',
      );
      // The list itself may have two megabytes.
      if (cached !== null && cached.version === version) return cached;
      const text = await this.#connection.send('GET', channelKey(channel, 'roster'));
      return { version, value: typeof text === 'string' ? (parsedRoster(text) ?? []) : [] };
    });
  }
}

function parsedRoster(text: string): readonly RosterEntry[] | null {
  try {
    return readRoster(JSON.parse(text));
  } catch {
    return null;
  }
}
