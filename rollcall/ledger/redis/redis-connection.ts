import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { awakeMs } from '../../../shared/awake-time.ts';
import { describeError } from '../../../shared/errors.ts';
import { type Logger, sparing } from '../../../shared/logger.ts';
import { waitAtMost } from '../../../shared/wait-at-most.ts';
import { LedgerError, unavailable } from '../ledger.ts';
import { DURABLE_SETTINGS, DurabilityCheck } from './redis-durability.ts';
import { asReply, isRefusal, pairsOf, type RedisReply } from './redis-reply.ts';
import { ReplyWatch } from './reply-watch.ts';

/** How to connect to Redis. */
export type RedisConnectionOptions = {
  /** May contain a password. Never in logs or errors. */
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A connection that gives no reply for so long is replaced, milliseconds. */
  readonly silentMs?: number;
};

type Command = readonly (string | number)[];

/** Longest time for a command, milliseconds: one that waits behind a hundred thousand answers is late, not lost. */
const COMMAND_TIMEOUT_MS = 10_000;
/** Well above the time of a flush: during a burst replies come all the time. */
const SILENT_MS = 5000;
/** TCP keep-alive, for the connection that only listens to hints and sends no commands. */
const KEEP_ALIVE_MS = 10_000;
const RECONNECT_MAX_MS = 1000;
const FIRST_CONNECT_TIMEOUT_MS = 5000;

/** Does not name the cause, which may contain the address. */
const UNAVAILABLE = 'calls and answers cannot be recorded or read now; see the server log';

/**
 * A connection to Redis whose commands end in bounded time, and which knows whether what Redis acknowledges is on its disk. Any
 * failure becomes `ledger-unavailable`; the log has its cause.
 */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #silentMs: number;
  readonly #durability: DurabilityCheck;
  readonly #replies = new ReplyWatch(awakeMs);
  readonly #listeners: Redis[] = [];
  readonly #silenceTimer: NodeJS.Timeout;

  constructor({ redisUrl, logger, nowMs, silentMs = SILENT_MS }: RedisConnectionOptions) {
    this.#log = sparing(logger, 5000, nowMs);
    this.#silentMs = silentMs;
    this.#redis = new Redis(redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      keepAlive: KEEP_ALIVE_MS,
      retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, 50 * times),
    });
    this.#durability = new DurabilityCheck(() => this.#readSettings(), logger, this.#log);
    this.#redis.on('error', (error: Error) =>
      this.#log.warn({ error: error.message }, 'Redis cannot be reached'),
    );
    this.#redis.on('ready', () => void this.#durability.run());
    this.#redis.on('close', () => this.#durability.reset());
    this.#silenceTimer = setInterval(() => this.#replaceWhenSilent(), silentMs / 4).unref();
  }

  /** Connects, for at most 5 s; after that in the background. */
  async open(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.#redis.once('ready', resolve);
    });
    this.#redis.connect().catch(() => {});
    await waitAtMost(
      FIRST_CONNECT_TIMEOUT_MS,
      ready.then(() => this.#durability.run()),
    );
  }

  /** Why nothing can be recorded, in English; null when it can. */
  notReady(): string | null {
    if (this.#redis.status !== 'ready') return 'Redis cannot be reached';
    if (!this.#durability.isDone) return 'the settings of Redis are not known yet';
    return this.#durability.fault;
  }

  /** Listens on a connection of its own (sharded publish and subscribe, Redis 7). Messages may be lost. */
  listen(names: readonly string[], onMessage: (message: string) => void): void {
    const listener = this.#redis.duplicate({
      ...{ enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined },
    });
    listener.on('error', () => {});
    listener.on('smessage', (_name: string, message: string) => onMessage(message));
    // One by one: in a cluster each may be at another server.
    for (const name of names) listener.ssubscribe(name).catch(() => {});
    this.#listeners.push(listener);
  }

  /**
   * Makes sure that what Redis acknowledges from now on is on its disk.
   *
   * @throws {LedgerError} `ledger-not-durable` (503); `ledger-unavailable` (503) while that is not known
   */
  async requireDurable(): Promise<void> {
    if (!this.#durability.isDone) await this.#durability.run();
    if (!this.#durability.isDone) throw unavailable(UNAVAILABLE);
    const { fault } = this.#durability;
    if (fault === null) return;
    throw new LedgerError(fault, { code: 'ledger-not-durable', status: 503, retryAfterS: 5 });
  }

  /**
   * Sends a command.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async send(...command: Command): Promise<RedisReply> {
    return this.#request(async () => this.#call(command));
  }

  /**
   * Sends commands together.
   *
   * @throws {LedgerError} `ledger-unavailable` (503), also when one of them fails
   */
  async sendAll(commands: readonly Command[]): Promise<readonly RedisReply[]> {
    return this.#request(async () => {
      const pipeline = this.#redis.pipeline();
      // By `call`, which does not transform replies.
      for (const [name, ...args] of commands) pipeline.call(String(name), ...args.map(String));
      const replies = await pipeline.exec();
      return (replies ?? []).map(([error, reply]) => {
        if (error !== null) throw error;
        return asReply(reply);
      });
    });
  }

  /**
   * Runs a Lua script. Redis is sent its text once and its hash after that.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async run(script: string, keys: readonly string[], args: Command): Promise<RedisReply> {
    const sha = createHash('sha1').update(script).digest('hex');
    const rest = [keys.length, ...keys, ...args];
    return this.#request(async () => {
      try {
        return await this.#call(['EVALSHA', sha, ...rest]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return this.#call(['EVAL', script, ...rest]);
      }
    });
  }

  /**
   * Yields the fields of a hash, each once, a page at a time: a large hash does not hold up other clients of Redis.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async *scan(key: string, count: number): AsyncIterable<[field: string, value: string]> {
    // HSCAN may return a field twice while others are added.
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const reply = await this.send('HSCAN', key, cursor, 'COUNT', count);
      const [next, fields] = Array.isArray(reply) ? reply : [];
      cursor = String(next ?? '0');
      const texts = Array.isArray(fields) ? fields.map(String) : [];
      for (let i = 0; i + 1 < texts.length; i += 2) {
        const [field, value] = [texts[i] ?? '', texts[i + 1] ?? ''];
        if (seen.has(field)) continue;
        seen.add(field);
        yield [field, value];
      }
    } while (cursor !== '0');
  }

  /** Waits for pending commands, which takes bounded time, and closes the connections. */
  async close(): Promise<void> {
    await this.#replies.idle();
    clearInterval(this.#silenceTimer);
    for (const listener of this.#listeners) listener.disconnect();
    this.#redis.disconnect();
  }

  async #call([name, ...args]: Command): Promise<RedisReply> {
    return asReply(await this.#redis.call(String(name), ...args.map(String)));
  }

  async #request<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await this.#replies.track(send, isRefusal);
    } catch (cause) {
      const reason = describeError(cause);
      this.#log.warn({ error: reason }, `a request to Redis failed: ${reason}`);
      throw unavailable(UNAVAILABLE, cause);
    }
  }

  /** Replaces a connection to a machine that is gone: the kernel would go on sending to it for a quarter of an hour. */
  #replaceWhenSilent(): void {
    if (this.#redis.status !== 'ready' || this.#replies.silentMs < this.#silentMs) return;
    this.#replies.heard();
    this.#log.warn({}, `Redis has not replied for ${this.#silentMs} ms; the connection is replaced`);
    this.#redis.disconnect(true);
  }

  async #readSettings(): Promise<ReadonlyMap<string, string>> {
    const command = ['CONFIG', 'GET', ...DURABLE_SETTINGS];
    return pairsOf(await this.#replies.track(() => this.#call(command), isRefusal));
  }
}
