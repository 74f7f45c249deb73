import { describeError } from './errors.ts';
import type { Logger } from './logger.ts';

/** The events of the process that end it; `process` is one, and tests pass an emitter of their own. */
export type ProcessEvents = {
  on(event: string, listener: (detail: unknown) => void): unknown;
};

/** Options of {@link endWithSignals}. */
export type LifecycleOptions = {
  readonly logger: Logger;
  /** Releases all resources; called once. */
  readonly stop: () => Promise<void>;
  /** When a stop takes longer, the process exits with status 1; milliseconds. */
  readonly stopWithinMs: number;
  readonly events?: ProcessEvents;
  readonly exit?: (status: number) => void;
};

/**
 * Ends the process: the first SIGINT or SIGTERM stops it in order (status 0), a second one at once (130). An uncaught error
 * is logged and stops it too (status 1), since the state of the process is unknown after it.
 */
export function endWithSignals(options: LifecycleOptions): void {
  const { logger, stop, stopWithinMs, events = process, exit = (status) => process.exit(status) } = options;
  let stopping = false;

  const end = (status: number): void => {
    stopping = true;
    const late = setTimeout(() => {
      logger.error({ stopWithinMs }, `not stopped after ${stopWithinMs} ms; the process exits now`);
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
      logger.error({ event, error: describeError(error), stack }, 'uncaught error; stopping');
      if (stopping) exit(1);
      else end(1);
    });
  }
}
