import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describeError } from '../../../shared/errors.ts';
import { type Logger, sparing } from '../../../shared/logger.ts';
import { waitAtMost } from '../../../shared/wait-at-most.ts';
import { LedgerError, unavailable } from '../ledger.ts';
import { DURABLE_SETTINGS, durabilityFault } from './redis-durability.ts';
import { asReply, pairsOf, type RedisReply } from './redis-reply.ts';

/** What a connection to Redis is made with. */
export type RedisConnectionOptions = {
  /** May hold a password: kept out of logs and errors. */
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A connection on which something was asked and nothing came for so long is given up, milliseconds. */
  readonly silentMs?: number;
};

/** A command takes no longer than this, milliseconds: what waits behind a hundred thousand answers is late, and not lost. */
const COMMAND_MS = 10_000;
/** Well above what a flush takes: answers to a crowd come all the time, one after the other. */
const SILENT_MS = 5000;
/** The connection for hints asks nothing: the kernel asks whether the other side is there. */
const KEEP_ALIVE_MS = 10_000;
const RECONNECT_MOST_MS = 1000;
const FIRST_WITHIN_MS = 5000;

/** No word of the cause, which may name the address. */
const AWAY = 'calls and answers cannot be kept now; the log says why';

/** Refusals that pass by themselves. */
const BUSY = /^(BUSY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOAUTH)\b/;

/**
 * A connection to Redis whose commands end in bounded time, and which knows whether what it acknowledges is on the disk. What
 * cannot be done is `ledger-unavailable`, whatever the reason; the log has it.
 */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #silentMs: number;
  /** Why an answer would not be durable; null when it is, or when it cannot be known. */
  #notDurable: string | null = null;
  #isChecked = false;
  #checking: Promise<void> | null = null;
  readonly #listeners: Redis[] = [];
  /** What Redis was asked and has not answered. */
  readonly #pending = new Set<Promise<unknown>>();
  /** When something came, or was asked after a pause; by a clock that nobody sets. */
  #heardMs = 0;
  readonly #watch: NodeJS.Timeout;

  constructor({ redisUrl, logger, nowMs, silentMs = SILENT_MS }: RedisConnectionOptions) {
    this.#logger = logger;
    this.#log = sparing(logger, 5000, nowMs);
    this.#silentMs = silentMs;
    this.#redis = new Redis(redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_MS,
      keepAlive: KEEP_ALIVE_MS,
      retryStrategy: (times) => Math.min(RECONNECT_MOST_MS, 50 * times),
    });
    this.#redis.on('error', (error: Error) => this.#log.warn({ error: error.message }, 'Redis is away'));
    this.#redis.on('ready', () => void this.#check());
    this.#redis.on('close', () => {
      this.#isChecked = false;
    });
    this.#watch = setInterval(() => this.#lookForSilence(), silentMs / 4).unref();
  }

  /** Connects; a Redis that is away is waited for in the background. */
  async open(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.#redis.once('ready', resolve);
    });
    this.#redis.connect().catch(() => {});
    await waitAtMost(
      FIRST_WITHIN_MS,
      ready.then(() => this.#check()),
    );
  }

  /** What is wrong, in words; null when answers can be kept. */
  notReady(): string | null {
    if (this.#redis.status !== 'ready') return 'Redis cannot be reached';
    if (!this.#isChecked) return 'Redis has not yet said whether it flushes';
    return this.#notDurable;
  }

  /** Listens on a connection of its own (sharded publish and subscribe, Redis 7). What is missed is missed. */
  listen(names: readonly string[], onMessage: (message: string) => void): void {
    const listener = this.#redis.duplicate({
      ...{ enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined },
    });
    listener.on('error', () => {});
    listener.on('smessage', (_name: string, message: string) => onMessage(message));
    // One by one: in a cluster each may lie elsewhere.
    for (const name of names) listener.ssubscribe(name).catch(() => {});
    this.#listeners.push(listener);
  }

  /**
   * Sees that what is acknowledged now is on the disk.
   *
   * @throws {LedgerError} `ledger-not-durable` (503); `ledger-unavailable` (503) while that is not known
   */
  async wantDurable(): Promise<void> {
    if (!this.#isChecked) await this.#check();
    if (!this.#isChecked) throw unavailable(AWAY);
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

  /** Waits for what is under way, which takes bounded time, and lets go of the connections. */
  async close(): Promise<void> {
    // What follows an answer at once has been asked by the next turn.
    do {
      await Promise.allSettled(this.#pending);
      await setImmediate();
    } while (this.#pending.size > 0);
    clearInterval(this.#watch);
    for (const listener of this.#listeners) listener.disconnect();
    this.#redis.disconnect();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pending.size === 0) this.#heardMs = performance.now();
    const asked = work();
    this.#pending.add(asked);
    try {
      const reply = await asked;
      this.#heardMs = performance.now();
      return reply;
    } catch (cause) {
      if (isRefusal(cause)) this.#heardMs = performance.now();
      this.#log.warn({ error: describeError(cause) }, `Redis: ${describeError(cause)}`);
      throw unavailable(AWAY, cause);
    } finally {
      this.#pending.delete(asked);
    }
  }

  /** A machine that is gone says nothing, and the kernel would go on sending to it for a quarter of an hour. */
  #lookForSilence(): void {
    if (this.#pending.size === 0 || this.#redis.status !== 'ready') return;
    if (performance.now() - this.#heardMs < this.#silentMs) return;
    this.#heardMs = performance.now();
    this.#log.warn({}, `Redis has said nothing for ${this.#silentMs} ms: connecting anew`);
    this.#redis.disconnect(true);
  }

  /** Sees, once however many want to know, whether Redis flushes. When it cannot be asked, that is still not known. */
  #check(): Promise<void> {
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #ask(): Promise<void> {
    let settings: ReadonlyMap<string, string> | string;
    try {
      settings = await this.#guard(() => this.#settings());
    } catch {
      return;
    }
    const before = this.#notDurable;
    if (typeof settings === 'string') {
      // Some that are run for others allow no CONFIG: it is their operator's word then.
      const why = 'it cannot be seen whether Redis has appendonly yes and appendfsync always; it must';
      this.#logger.warn({ error: settings }, why);
      this.#notDurable = null;
    } else {
      this.#notDurable = durabilityFault(settings);
    }
    if (this.#notDurable !== null && before !== this.#notDurable) {
      this.#logger.error({ code: 'ledger-not-durable' }, this.#notDurable);
    }
    this.#isChecked = true;
  }

  /** Gives what is set; where that may not be seen, why. */
  async #settings(): Promise<ReadonlyMap<string, string> | string> {
    try {
      const settings = pairsOf(asReply(await this.#redis.call('CONFIG', 'GET', ...DURABLE_SETTINGS)));
      return settings.has('appendonly') ? settings : 'CONFIG GET tells nothing';
    } catch (error) {
      // What Redis refuses stays refused; what it is too busy for, or does not answer, is to be asked again.
      if (isRefusal(error) && !BUSY.test(error.message)) return error.message;
      throw error;
    }
  }
}

/** Tells an answer that says no from one that did not come. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
