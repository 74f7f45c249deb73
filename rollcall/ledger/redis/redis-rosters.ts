import { randomBytes } from 'node:crypto';
import { type RosterEntry, unavailable } from '../ledger.ts';
import { readRoster } from '../stored-records.ts';
import type { RedisConnection } from './redis-connection.ts';
import { channelKey } from './redis-keys.ts';
import { REPLACE_ROSTER_SCRIPT } from './redis-scripts.ts';
import { RevalidatingCache, type Versioned } from './revalidating-cache.ts';

/** How long a class list is used before its version is asked for again, milliseconds. */
const FRESH_MS = 1000;
/** How often a change is tried that other gateways get in the way of. */
const CHANGE_TRIES = 8;

type CachedRoster = Versioned<readonly RosterEntry[]>;

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
    const [key, versionKey] = keysOf(channel);
    await this.#connection.send('MSET', key, JSON.stringify(roster), versionKey, newVersion());
    this.#cache.invalidate(channel);
  }

  /**
   * Takes a student off a class list. A list that another gateway puts meanwhile stands, without her.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async remove(channel: string, id: string): Promise<void> {
    const keys = keysOf(channel);
    for (let tries = 0; tries < CHANGE_TRIES; tries++) {
      const { version, value } = await this.#read(channel, null);
      const left = value.filter((entry) => entry.id !== id);
      if (left.length === value.length) return;
      const args = [version, JSON.stringify(left), newVersion()];
      if ((await this.#connection.run(REPLACE_ROSTER_SCRIPT, keys, args)) !== 1) continue;
      this.#cache.invalidate(channel);
      return;
    }
    throw unavailable(`channel ${channel}: its class list is changed by other gateways all the time`);
  }

  /** Has a class list read again. */
  invalidate(channel: string): void {
    this.#cache.invalidate(channel);
  }

  /**
   * The class list of a channel; [] for none.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async get(channel: string): Promise<readonly RosterEntry[]> {
    return this.#cache.get(channel, (cached) => this.#read(channel, cached));
  }

  async #read(channel: string, cached: CachedRoster | null): Promise<CachedRoster> {
    const [key, versionKey] = keysOf(channel);
    const version = String((await this.#connection.send('GET', versionKey)) ?? '');
    // The list itself may have two megabytes.
    if (cached !== null && cached.version === version) return cached;
    const text = await this.#connection.send('GET', key);
    return { version, value: typeof text === 'string' ? (parsedRoster(text) ?? []) : [] };
  }
}

/** The keys of a class list and of its version. */
function keysOf(channel: string): readonly [key: string, versionKey: string] {
  return [channelKey(channel, 'roster'), channelKey(channel, 'roster-version')];
}

/** Random, not a number that would begin again in a Redis that was emptied. */
function newVersion(): string {
  return randomBytes(8).toString('hex');
}

function parsedRoster(text: string): readonly RosterEntry[] | null {
  try {
    return readRoster(JSON.parse(text));
  } catch {
    return null;
  }
}
