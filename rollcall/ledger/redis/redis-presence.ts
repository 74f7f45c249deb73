import { randomBytes } from 'node:crypto';
import type { RedisConnection } from './redis-connection.ts';
import { channelKey } from './redis-keys.ts';
import { pairsOf } from './redis-reply.ts';

/** How often a gateway reports, milliseconds. */
const REPORT_MS = 1000;
/** How long a report counts, milliseconds. */
const COUNTS_MS = 5000;
/** After so long without reports a channel's key expires, seconds. */
const EXPIRE_S = 60;

/** How many students of a channel are connected to all gateways: each gateway reports its own number in Redis. */
export class RedisPresence {
  readonly #connection: RedisConnection;
  readonly #nowMs: () => number;
  readonly #gatewayId = randomBytes(6).toString('hex');
  readonly #cached = new Map<string, { total: number; atMs: number }>();

  /** @param nowMs UTC milliseconds */
  constructor(connection: RedisConnection, nowMs: () => number) {
    this.#connection = connection;
    this.#nowMs = nowMs;
  }

  /**
   * Reports the students that are connected here.
   *
   * @returns those connected to all gateways, at most a second old
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async connected(channel: string, here: number): Promise<number> {
    const nowMs = this.#nowMs();
    const cached = this.#cached.get(channel);
    if (cached !== undefined && Math.abs(nowMs - cached.atMs) < REPORT_MS) return cached.total;
    const entry = { total: cached?.total ?? here, atMs: nowMs };
    this.#cached.set(channel, entry);
    const key = channelKey(channel, 'connected');
    const [, , reports] = await this.#connection.sendAll([
      ['HSET', key, this.#gatewayId, `${here} ${nowMs}`],
      ['EXPIRE', key, EXPIRE_S],
      ['HGETALL', key],
    ]);
    let total = 0;
    for (const report of pairsOf(reports ?? null).values()) {
      const [count, atMs] = report.split(' ').map(Number);
      if (Math.abs(nowMs - (atMs ?? 0)) < COUNTS_MS) total += count ?? 0;
    }
    entry.total = total;
    return total;
  }
}
