import { randomBytes } from 'node:crypto';
import type { Logger } from '../../../shared/logger.ts';
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

/** Damaged: there is a list, and nobody can tell what stands in it. */
type StoredRoster = { readonly entries: readonly RosterEntry[]; readonly isDamaged: boolean };

/** The class lists of channels in Redis, cached by their versions. */
export class RedisRosters {
  readonly #connection: RedisConnection;
  readonly #logger: Logger;
  readonly #cache: RevalidatingCache<StoredRoster>;

  constructor(connection: RedisConnection, nowMs: () => number, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
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
   * @throws {LedgerError} `ledger-unavailable` (503), also where the list that is stored cannot be read
   */
  async remove(channel: string, id: string): Promise<void> {
    const keys = keysOf(channel);
    for (let tries = 0; tries < CHANGE_TRIES; tries++) {
      const { version, value } = await this.#read(channel, null);
      // Her name may stand in it.
      if (value.isDamaged)
        throw unavailable(`channel ${channel}: its class list cannot be read; upload it again, or delete it`);
      const left = value.entries.filter((entry) => entry.id !== id);
      if (left.length === value.entries.length) return;
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
   * The class list of a channel; [] for none, and for one that cannot be read, which the log says.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async get(channel: string): Promise<readonly RosterEntry[]> {
    const { entries } = await this.#cache.get(channel, (cached) => this.#read(channel, cached));
    return entries;
  }

  async #read(channel: string, cached: Versioned<StoredRoster> | null): Promise<Versioned<StoredRoster>> {
    const [key, versionKey] = keysOf(channel);
    const version = String((await this.#connection.send('GET', versionKey)) ?? '');
    // The list itself may have two megabytes.
    if (cached !== null && cached.version === version) return cached;
    const text = await this.#connection.send('GET', key);
    const entries = typeof text === 'string' ? parsedRoster(text) : [];
    if (entries === null) {
      this.#logger.error(
        { channel, key },
        'the class list in Redis cannot be read and counts as none: upload it again',
      );
    }
    return { version, value: { entries: entries ?? [], isDamaged: entries === null } };
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
