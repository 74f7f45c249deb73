import { randomBytes } from 'node:crypto';
import { RevalidatingCache, type Versioned } from './revalidating-cache.ts';
import { type CallDecision, type StoredCall, unavailable } from '../ledger.ts';
import { readStoredCall } from '../file/log-record.ts';
import type { RedisConnection } from './redis-connection.ts';
import { parsed, textsOf } from './redis-reply.ts';
import { CHANGE_SCRIPT, OPEN_SCRIPT } from './redis-scripts.ts';

/** What the calls of all channels are kept with. */
export type RedisCallsOptions = {
  /** Names a key of a channel; those of one channel lie in one slot. */
  readonly keyOf: (channel: string, name: string) => string;
  readonly keepS: number;
  readonly nowMs: () => number;
};

/** Calls are asked for again after this, milliseconds. */
const FRESH_MS = 200;
const CHANGE_TRIES = 8;

/** The calls of channels, in Redis: a hash a channel, and a version that tells whether it has to be read again. */
export class RedisCalls {
  readonly #link: RedisConnection;
  readonly #options: RedisCallsOptions;
  readonly #cache: RevalidatingCache<readonly StoredCall[]>;

  constructor(link: RedisConnection, options: RedisCallsOptions) {
    this.#link = link;
    this.#options = options;
    this.#cache = new RevalidatingCache(FRESH_MS, options.nowMs);
  }

  /**
   * Opens a call, unless the newest one's window runs. Those that are too old to be kept go.
   *
   * @returns the call that is in the way; null when this one is open
   * @throws {LedgerError} `ledger-unavailable`
   */
  async open(call: StoredCall, nowMs: number): Promise<StoredCall | null> {
    const { channel, callId } = call;
    const { keyOf, keepS } = this.#options;
    await this.#dropOld(channel);
    const keys = [keyOf(channel, 'calls'), keyOf(channel, 'newest'), keyOf(channel, 'calls-version')];
    const args = [callId, JSON.stringify(call), nowMs, keepS, newVersion()];
    const reply = await this.#link.run(OPEN_SCRIPT, keys, args);
    this.outdate(channel);
    return typeof reply === 'string' ? parsed(reply, readStoredCall) : null;
  }

  /**
   * Changes a call.
   *
   * @returns as it is now; null where there is none, or it was left
   * @throws {LedgerError} `ledger-unavailable`
   */
  async change(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    const { keyOf, keepS } = this.#options;
    const keys = [keyOf(channel, 'calls'), keyOf(channel, 'calls-version'), keyOf(channel, 'newest')];
    for (let tries = 0; tries < CHANGE_TRIES; tries++) {
      const [before, newest] = await this.#link.sendAll([
        ['HGET', keyOf(channel, 'calls'), callId],
        ['GET', keyOf(channel, 'newest')],
      ]);
      const call = typeof before === 'string' ? parsed(before, readStoredCall) : null;
      if (call === null || typeof before !== 'string') return null;
      const change = decide(call, newest === callId);
      if (change === null) return null;
      const changed = { ...call, ...change };
      const args = [callId, before, JSON.stringify(changed), keepS, newVersion(), String(newest ?? '')];
      const done = await this.#link.run(CHANGE_SCRIPT, keys, args);
      if (done !== 1) continue;
      this.outdate(channel);
      return changed;
    }
    throw unavailable(`channel ${channel}: call ${callId} is changed by others all the time`);
  }

  /**
   * Gives a channel's calls, oldest first, as they were some hundred milliseconds ago at most.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async all(channel: string): Promise<readonly StoredCall[]> {
    const calls = await this.#cache.get(channel, (kept) => this.#read(channel, kept));
    const sinceMs = this.#sinceMs();
    const [oldest] = calls;
    return oldest === undefined || oldest.atProgramTimeMs >= sinceMs
      ? calls
      : calls.filter(({ atProgramTimeMs }) => atProgramTimeMs >= sinceMs);
  }

  /** Has a channel's calls asked for anew by who wants them next. */
  outdate(channel: string): void {
    this.#cache.outdate(channel);
  }

  async #read(
    channel: string,
    kept: Versioned<readonly StoredCall[]> | null,
  ): Promise<Versioned<readonly StoredCall[]>> {
    const { keyOf } = this.#options;
    // First the version: what is written in between is read again with the next one.
    const version = String((await this.#link.send('GET', keyOf(channel, 'calls-version'))) ?? '');
    if (kept !== null && kept.version === version) return kept;
    const [texts, newest] = await this.#link.sendAll([
      ['HVALS', keyOf(channel, 'calls')],
      ['GET', keyOf(channel, 'newest')],
    ]);
    // The newest is the last one, also where the clock has been set back before it was opened.
    const rank = ({ callId }: StoredCall): number => (callId === newest ? 1 : 0);
    const value = textsOf(texts ?? null)
      .flatMap((text) => parsed(text, readStoredCall) ?? [])
      .sort((a, b) => rank(a) - rank(b) || a.atProgramTimeMs - b.atProgramTimeMs);
    return { version, value };
  }

  /** The hash of a channel lives as long as calls are opened: what is too old in it has to be taken out. */
  async #dropOld(channel: string): Promise<void> {
    const sinceMs = this.#sinceMs();
    const calls = await this.#cache.get(channel, (kept) => this.#read(channel, kept));
    const old = calls.filter(({ atProgramTimeMs }) => atProgramTimeMs < sinceMs);
    if (old.length === 0) return;
    const key = this.#options.keyOf(channel, 'calls');
    await this.#link.send('HDEL', key, ...old.map(({ callId }) => callId));
  }

  #sinceMs(): number {
    return this.#options.nowMs() - this.#options.keepS * 1000;
  }
}

/** A version is no number that would begin anew in a Redis that was emptied. */
function newVersion(): string {
  return randomBytes(8).toString('hex');
}
