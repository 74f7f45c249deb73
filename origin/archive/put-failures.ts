import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';

/** Shortest time between two lines about the same, milliseconds. */
const LOG_EVERY_MS = 60_000;
/** Channels that a line names. */
const NAMED = 5;
/** An object that was set aside is named when it has failed so often: a store that is busy refuses any object once. */
const NAMED_AFTER = 3;

/** Writes about puts that fail: of each kind at most a line a minute, however many channels and objects there are. */
export class PutFailures {
  readonly #logger: Logger;
  readonly #channels: ReturnType<typeof sparing>;
  readonly #objects: ReturnType<typeof sparing>;
  readonly #spool: ReturnType<typeof sparing>;
  /** Whether the log says that the store fails. */
  #isReported = false;

  constructor(logger: Logger, nowMs: () => number) {
    const reported: Pick<Logger, 'info' | 'warn' | 'error'> = {
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => logger.warn(fields, message),
      error: (fields, message) => {
        this.#isReported = true;
        logger.error(fields, message);
      },
    };
    this.#logger = logger;
    this.#channels = sparing(reported, LOG_EVERY_MS, nowMs);
    this.#objects = sparing(logger, LOG_EVERY_MS, nowMs);
    this.#spool = sparing(logger, LOG_EVERY_MS, nowMs);
  }

  /** Puts of a channel fail. @param failing all channels whose puts fail */
  channelFails(channel: string, failing: readonly string[], spoolBytes: number, error: unknown): void {
    const others = failing.filter((other) => other !== channel);
    const named = [channel, ...others].slice(0, NAMED).join(', ');
    const more = others.length < NAMED ? '' : ` and ${others.length - NAMED + 1} more`;
    this.#channels.error(
      { channel, failing: others.length + 1, spoolBytes },
      `the store does not accept segments of ${named}${more}; they stay in the spool: ${describeError(error)}`,
    );
  }

  /** Puts of no channel fail any more. */
  noneFails(pending: number): void {
    if (!this.#isReported) return;
    this.#isReported = false;
    this.#logger.info({ pending }, 'the store accepts segments again');
  }

  /** The store takes other objects of the channel and not this one. @param failures how often it has failed */
  objectRefused(channel: string, key: string, failures: number, error: unknown): void {
    if (failures !== NAMED_AFTER) return;
    this.#objects.error(
      { channel, object: key },
      `the store refuses ${key} and takes others; it stays in the spool and is tried again: ${describeError(error)}`,
    );
  }

  /** A spooled object cannot be read now. @param failures how often, this time included */
  unreadable(channel: string, key: string, failures: number, error: unknown): void {
    if (failures > 1) return;
    this.#spool.error(
      { channel, object: key },
      `${key} cannot be read from the spool and is tried again: ${describeError(error)}`,
    );
  }

  /** The file of an object that is stored, or lost, cannot be removed from the spool. */
  notRemoved(channel: string, key: string, error: unknown): void {
    this.#spool.warn({ channel, object: key }, `${key} stays in the spool: ${describeError(error)}`);
  }
}
