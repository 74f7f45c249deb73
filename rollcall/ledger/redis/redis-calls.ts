import { randomBytes } from 'node:crypto';
import { type CallDecision, type StoredCall, unavailable } from '../ledger.ts';
import { readStoredCall } from '../stored-records.ts';
import type { RedisConnection } from './redis-connection.ts';
import { channelKey } from './redis-keys.ts';
import { parsed, textsOf } from './redis-reply.ts';
import { CHANGE_SCRIPT, OPEN_SCRIPT } from './redis-scripts.ts';
import { RevalidatingCache, type Versioned } from './revalidating-cache.ts';

/** How calls are stored. */
export type RedisCallsOptions = {
  /** How long calls are stored, seconds. */
  readonly keepS: number;
  readonly nowMs: () => number;
};

type CachedCalls = Versioned<readonly StoredCall[]>;

/** How long calls are used before their version is asked for again, milliseconds. */
const FRESH_MS = 200;
/** How often a change is tried that other gateways get in the way of. */
const CHANGE_TRIES = 8;

/** The calls of channels in Redis: a hash for each channel, and a version that tells whether it has to be read again. */
export class RedisCalls {
  readonly #connection: RedisConnection;
  readonly #options: RedisCallsOptions;
  readonly #cache: RevalidatingCache<readonly StoredCall[]>;

  constructor(connection: RedisConnection, options: RedisCallsOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#cache = new RevalidatingCache(FRESH_MS, options.nowMs);
  }

  /**
   * Opens a call, unless the newest one's window is open. Removes calls that are too old.
   *
   * @returns the call that is open already; null when this one was opened
   * @throws {LedgerError} `ledger-unavailable`
   */
  async open(call: StoredCall, nowMs: number): Promise<StoredCall | null> {
    const { channel, callId } = call;
    await this.#removeOld(channel);
    const keys = ['calls', 'newest', 'calls-version'].map((name) => channelKey(channel, name));
    const args = [callId, JSON.stringify(call), nowMs, this.#options.keepS, newVersion()];
    const reply = await this.#connection.run(OPEN_SCRIPT, keys, args);
    this.invalidate(channel);
    return typeof reply === 'string' ? parsed(reply, readStoredCall) : null;
  }

  /**
   * Changes a call.
   *
   * @returns the changed call; null where there is none, or no change
   * @throws {LedgerError} `ledger-unavailable`
   */
  async change(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    const keys = ['calls', 'calls-version', 'newest'].map((name) => channelKey(channel, name));
    for (let tries = 0; tries < CHANGE_TRIES; tries++) {
      const [before, newest] = await this.#connection.sendAll([
        ['HGET', channelKey(channel, 'calls'), callId],
        ['GET', channelKey(channel, 'newest')],
      ]);
      const call = typeof before === 'string' ? parsed(before, readStoredCall) : null;
      if (call === null || typeof before !== 'string') return null;
      const change = decide(call, newest === callId);
      if (change === null) return null;
      const changed = { ...call, ...change };
      const { keepS } = this.#options;
      const args = [callId, before, JSON.stringify(changed), keepS, newVersion(), String(newest ?? '')];
      const isDone = (await this.#connection.run(CHANGE_SCRIPT, keys, args)) === 1;
      if (!isDone) continue;
      this.invalidate(channel);
      return changed;
    }
    throw unavailable(`channel ${channel}: call ${callId} is changed by other gateways all the time`);
  }

  /**
   * The calls of a channel, oldest first, at most 200 ms old.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async all(channel: string): Promise<readonly StoredCall[]> {
    const calls = await this.#cache.get(channel, (cached) => this.#read(channel, cached));
    const sinceMs = this.#keptSinceMs();
    const [oldest] = calls;
    return oldest === undefined || oldest.atProgramTimeMs >= sinceMs
      ? calls
      : calls.filter(({ atProgramTimeMs }) => atProgramTimeMs >= sinceMs);
  }

  /** Has the calls of a channel read again. */
  invalidate(channel: string): void {
    this.#cache.invalidate(channel);
  }

  async #read(channel: string, cached: CachedCalls | null): Promise<CachedCalls> {
    // The version is read first: what is written in between is read again with the next one.
    const version = String((await this.#connection.send('GET', channelKey(channel, 'calls-version'))) ?? '');
    if (cached !== null && cached.version === version) return cached;
    const [texts, newest] = await this.#connection.sendAll([
      ['HVALS', channelKey(channel, 'calls')],
      ['GET', channelKey(channel, 'newest')],
    ]);
    // The newest call is the last one also where the clock was set back before it was opened.
    const rank = ({ callId }: StoredCall): number => (callId === newest ? 1 : 0);
    const value = textsOf(texts ?? null)
      .flatMap((text) => parsed(text, readStoredCall) ?? [])
      .sort((a, b) => rank(a) - rank(b) || a.atProgramTimeMs - b.atProgramTimeMs);
    return { version, value };
  }

  /** Removes old calls from the hash, which does not expire as long as calls are opened. */
  async #removeOld(channel: string): Promise<void> {
    const sinceMs = this.#keptSinceMs();
    const calls = await this.#cache.get(channel, (cached) => this.#read(channel, cached));
    const old = calls.filter(({ atProgramTimeMs }) => atProgramTimeMs < sinceMs);
    if (old.length === 0) return;
    await this.#connection.send('HDEL', channelKey(channel, 'calls'), ...old.map(({ callId }) => callId));
  }

  #keptSinceMs(): number {
    return this.#options.nowMs() - this.#options.keepS * 1000;
  }
}

/** Random, not a number that would begin again in a Redis that was emptied. */
function newVersion(): string {
  return randomBytes(8).toString('hex');
}
