import { describeError } from './errors.ts';
import type { Logger } from './logger.ts';

/** The events of the process that end it; `process` is one, and tests pass an emitter of their own. */
export type ProcessEvents = {
  on(event: string, listener: (detail: unknown) => void): unknown;
};

/** How a process ends. */
export type LifecycleOptions = {
  readonly logger: Logger;
  /** Lets go of everything; called once. */
  readonly stop: () => Promise<void>;
  /** A stop that takes longer is cut short with status 1, in milliseconds. */
  readonly stopWithinMs: number;
  readonly events?: ProcessEvents;
  readonly exit?: (status: number) => void;
};

/**
 * Sees to the end of the process: SIGINT and SIGTERM stop it in order (status 0), a second one at once (130); an error that
 * nothing caught is logged and ends it too (status 1), since what is left cannot be trusted.
 */
export function endWithSignals(options: LifecycleOptions): void {
  const { logger, stop, stopWithinMs, events = process, exit = (status) => process.exit(status) } = options;
  let stopping = false;

  const end = (status: number): void => {
    stopping = true;
    const late = setTimeout(() => {
      logger.error({ stopWithinMs }, `not stopped after ${stopWithinMs} ms: leaving all the same`);
      exit(1);
    }, stopWithinMs);
    stop().then(
      () => {
        clearTimeout(late);
        exit(status);
      },
      (error: unknown) => {
        clearTimeout(late);
        logger.error({ error: describeError(error) }, 'the stop failed');
        exit(1);
      },
    );
  };

  for (const signal of ['SIGINT', 'SIGTERM']) {
    events.on(signal, () => {
      if (stopping) {
        exit(130);
        return;
      }
      logger.info({ signal }, `${signal}: stopping`);
      end(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    events.on(event, (error) => {
      const stack = error instanceof Error ? error.stack : undefined;
      logger.error({ event, error: describeError(error), stack }, 'an error that nothing caught; stopping');
      if (stopping) exit(1);
      else end(1);
    });
  }
}
