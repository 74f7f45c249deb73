import { describeError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { isRefusal } from './redis-reply.ts';

/** The settings of Redis that decide whether what it has acknowledged may be lost. */
export const DURABLE_SETTINGS: readonly string[] = [
  ...['appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'maxmemory', 'maxmemory-policy'],
];

/**
 * Tells which settings of Redis may lose what it has acknowledged. A setting that is missing is taken to be right.
 *
 * @param settings by name: those of {@link DURABLE_SETTINGS}
 * @returns what is set and what is required, in English; null when nothing can be lost
 * @see Redis persistence, "appendfsync always: fsync every time new commands are appended to the AOF. Very very slow, very safe."
 */
export function durabilityFault(settings: ReadonlyMap<string, string>): string | null {
  const [appendOnly, fsync] = [settings.get('appendonly'), settings.get('appendfsync')];
  if (appendOnly !== 'yes' || fsync !== 'always') {
    return `Redis has appendonly ${appendOnly} and appendfsync ${fsync}: set "appendonly yes" and "appendfsync always", or answers may be lost`;
  }
  // During a rewrite of its file Redis then flushes nothing, whatever appendfsync says.
  if (settings.get('no-appendfsync-on-rewrite') === 'yes') {
    return 'Redis has no-appendfsync-on-rewrite yes: set it to no, or answers may be lost during a rewrite';
  }
  const [maxMemory, policy = 'noeviction'] = [
    settings.get('maxmemory') ?? '0',
    settings.get('maxmemory-policy'),
  ];
  if (maxMemory !== '0' && policy !== 'noeviction') {
    return `Redis has maxmemory ${maxMemory} and maxmemory-policy ${policy}: set "maxmemory-policy noeviction", or answers are lost when it is full`;
  }
  return null;
}

/** Error replies that pass by themselves. */
const TRANSIENT = /^(BUSY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOAUTH)\b/;

/** Checks the settings of Redis after each connect, once however many ask at the same time. */
export class DurabilityCheck {
  readonly #readSettings: () => Promise<ReadonlyMap<string, string>>;
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #failureLog: Pick<Logger, 'warn'>;
  #fault: string | null = null;
  #isDone = false;
  #running: Promise<void> | null = null;

  /**
   * @param readSettings reads {@link DURABLE_SETTINGS}; throws Redis' own errors, or others when there was no reply
   * @param failureLog for failures that are tried again; writes at most a line every few seconds
   */
  constructor(
    readSettings: () => Promise<ReadonlyMap<string, string>>,
    logger: Pick<Logger, 'warn' | 'error'>,
    failureLog: Pick<Logger, 'warn'>,
  ) {
    this.#readSettings = readSettings;
    this.#logger = logger;
    this.#failureLog = failureLog;
  }

  /** The settings are known since the last {@link reset}, or Redis does not allow to read them. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Why acknowledged answers may be lost; null when they may not, or when it cannot be known. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The connection is lost: the next Redis may have other settings. */
  reset(): void {
    this.#isDone = false;
  }

  /** Checks the settings. Without a reply the check is not done. */
  run(): Promise<void> {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #runOnce(): Promise<void> {
    const before = this.#fault;
    try {
      const settings = await this.#readSettings();
      if (settings.has('appendonly')) this.#fault = durabilityFault(settings);
      else this.#unreadable('CONFIG GET returns nothing');
    } catch (error) {
      // What Redis refuses it will refuse again; what it is too busy for, or does not reply to, is tried again.
      const reason = describeError(error);
      if (!isRefusal(error) || TRANSIENT.test(error.message)) {
        this.#failureLog.warn({ error: reason }, `the settings of Redis cannot be read now: ${reason}`);
        return;
      }
      this.#unreadable(reason);
    }
    if (this.#fault !== null && before !== this.#fault) {
      this.#logger.error({ code: 'ledger-not-durable' }, this.#fault);
    }
    this.#isDone = true;
  }

  /** Some hosted servers do not allow CONFIG; their operator is responsible for the settings then. */
  #unreadable(reason: string): void {
    const message =
      'the settings of Redis cannot be read; it must have "appendonly yes" and "appendfsync always"';
    this.#logger.warn({ error: reason }, message);
    this.#fault = null;
  }
}
