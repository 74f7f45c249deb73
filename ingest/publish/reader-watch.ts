import type { SourceStream } from '../source/source-stream.ts';

/** Number of checks for a reader within the time that a source may have none. */
const READER_CHECKS = 10;

/** Watches that a transcode worker reads a source, and reports each check after which it had none for too long. */
export class ReaderWatch {
  readonly #timer: NodeJS.Timeout;
  #unreadChecks = 0;

  /**
   * Starts to watch.
   *
   * @param waitMs how long the source may be without a reader, milliseconds
   */
  constructor(source: Pick<SourceStream, 'readers'>, waitMs: number, onUnread: () => void) {
    this.#timer = setInterval(() => {
      // Counted in checks, not by the clock: a pause of this process must not look like an absent worker.
      this.#unreadChecks = source.readers > 0 ? 0 : this.#unreadChecks + 1;
      if (this.#unreadChecks > READER_CHECKS) onUnread();
    }, waitMs / READER_CHECKS);
  }

  /** Stops watching. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
