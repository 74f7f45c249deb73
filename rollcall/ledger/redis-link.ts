import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { LedgerError, unavailable } from './ledger.ts';

/** What a connection to Redis is made with. */
export type RedisLinkOptions = {
  /** May hold a password: kept out of logs and errors. */
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

/** A command takes no longer than this, milliseconds: what waits behind a hundred thousand answers is late, and not lost. */
const COMMAND_MS = 10_000;
const RECONNECT_MOST_MS = 1000;
const FIRST_WITHIN_MS = 5000;

/** What Redis answers. */
export type RedisReply = string | number | null | readonly RedisReply[];

/**
 * A connection to Redis whose commands end in bounded time, and which knows whether what it acknowledges is on the disk. What
 * cannot be done is `ledger-unavailable`, whatever the reason; the log has it.
 */
export class RedisLink {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #log: Pick<Logger, 'warn'>;
  /** Why an answer would not be durable; null when it is, or when it cannot be known. */
  #notDurable: string | null = null;
  #isChecked = false;
  readonly #listeners: Redis[] = [];

  constructor({ redisUrl, logger, nowMs }: RedisLinkOptions) {
    this.#logger = logger;
    this.#log = sparing(logger, 5000, nowMs);
    this.#redis = new Redis(redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_MS,
      retryStrategy: (times) => Math.min(RECONNECT_MOST_MS, 50 * times),
    });
    this.#redis.on('error', (error: Error) => this.#log.warn({ error: error.message }, 'Redis is away'));
    this.#redis.on('ready', () => void this.#check());
    this.#redis.on('close', () => {
      this.#isChecked = false;
    });
  }

  /** Connects; a Redis that is away is waited for in the background. */
  async open(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.#redis.once('ready', resolve);
    });
    this.#redis.connect().catch(() => {});
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, FIRST_WITHIN_MS).unref();
    });
    await Promise.race([ready.then(() => this.#check()), late]);
  }

  /** What is wrong, in words; null when answers can be kept. */
  notReady(): string | null {
    if (this.#redis.status !== 'ready') return 'Redis cannot be reached';
    return this.#notDurable;
  }

  /** Listens on a connection of its own (sharded publish and subscribe, Redis 7). What is missed is missed. */
  listen(names: readonly string[], onMessage: (message: string) => void): void {
    const listener = this.#redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    listener.on('error', () => {});
    listener.on('smessage', (_name: string, message: string) => onMessage(message));
    // One by one: in a cluster each may lie elsewhere.
    for (const name of names) listener.ssubscribe(name).catch(() => {});
    this.#listeners.push(listener);
  }

  /**
   * Sees that what is acknowledged now is on the disk.
   *
   * @throws {LedgerError} `ledger-not-durable` (503)
   */
  async wantDurable(): Promise<void> {
    if (!this.#isChecked) await this.#check();
    if (this.#notDurable === null) return;
    throw new LedgerError(this.#notDurable, { code: 'ledger-not-durable', status: 503, retryAfterS: 5 });
  }

  /**
   * Sends a command.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async send(command: string, ...args: readonly (string | number)[]): Promise<RedisReply> {
    return this.#guard(async () => asReply(await this.#redis.call(command, ...args.map(String))));
  }

  /**
   * Sends commands in one go.
   *
   * @throws {LedgerError} `ledger-unavailable` (503), also when one of them failed
   */
  async sendAll(commands: readonly (readonly (string | number)[])[]): Promise<readonly RedisReply[]> {
    return this.#guard(async () => {
      const pipeline = this.#redis.pipeline();
      // By `call`, which leaves replies as they are.
      for (const [name, ...args] of commands) pipeline.call(String(name), ...args.map(String));
      const replies = await pipeline.exec();
      return (replies ?? []).map(([error, reply]) => {
        if (error !== null) throw error;
        return asReply(reply);
      });
    });
  }

  /**
   * Runs a script. It is sent once and then called by its hash.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async run(
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<RedisReply> {
    const sha = createHash('sha1').update(script).digest('hex');
    return this.#guard(async () => {
      const rest = [String(keys.length), ...keys, ...args.map(String)];
      try {
        return asReply(await this.#redis.call('EVALSHA', sha, ...rest));
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return asReply(await this.#redis.call('EVAL', script, ...rest));
      }
    });
  }

  /**
   * Gives the fields of a hash, each once, some at a time, so that Redis is not held up by a large one.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async *scan(key: string, count: number): AsyncIterable<[field: string, value: string]> {
    // A field may come twice while others are added.
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

  /** Lets go of the connections. */
  close(): void {
    for (const listener of this.#listeners) listener.disconnect();
    this.#redis.disconnect();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.#log.warn({ error: describeError(cause) }, `Redis: ${describeError(cause)}`);
      throw unavailable('calls and answers cannot be kept now; the log says why', cause);
    }
  }

  /** "appendfsync always: fsync every time new commands are appended to the AOF. Very very slow, very safe." (redis.io, Persistence) */
  async #check(): Promise<void> {
    try {
      const read = async (name: string): Promise<string> => {
        const reply = asReply(await this.#redis.call('CONFIG', 'GET', name));
        return Array.isArray(reply) ? String(reply[1] ?? '') : '';
      };
      const [appendOnly, fsync] = [await read('appendonly'), await read('appendfsync')];
      const before = this.#notDurable;
      const isDurable = appendOnly === 'yes' && fsync === 'always';
      this.#notDurable = isDurable
        ? null
        : `Redis has appendonly ${appendOnly} and appendfsync ${fsync}: set "appendonly yes" and "appendfsync always", or answers may be lost`;
      if (this.#notDurable !== null && before !== this.#notDurable) this.#logger.error({}, this.#notDurable);
      this.#isChecked = true;
    } catch (error) {
      if (this.#redis.status !== 'ready') return;
      // Some that are run for others allow no CONFIG: it is their operator's word then.
      this.#logger.warn(
        { error: describeError(error) },
        'it cannot be seen whether Redis has appendonly yes and appendfsync always; it must',
      );
      this.#notDurable = null;
      this.#isChecked = true;
    }
  }
}

function asReply(value: unknown): RedisReply {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (Array.isArray(value)) return value.map(asReply);
  return Buffer.isBuffer(value) ? value.toString('utf8') : null;
}
