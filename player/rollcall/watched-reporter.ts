import { WatchMeter } from './watch-meter.ts';

/** How watched minutes reach the server; each says whether the minute was accepted. */
export type WatchedReporterOptions = {
  /** On the connection that is open. */
  readonly send: (minute: number) => boolean;
  /** By POST. */
  readonly post: (minute: number) => Promise<boolean>;
};

/** Minutes that are pending at most. */
const MOST_PENDING = 600;

/** Reports each minute of a class that was watched, once; minutes that the server has not accepted stay pending. */
export class WatchedReporter {
  readonly #options: WatchedReporterOptions;
  readonly #meter = new WatchMeter();
  readonly #pending = new Set<number>();

  constructor(options: WatchedReporterOptions) {
    this.#options = options;
  }

  /**
   * Takes the playhead; to be called some ten times a second.
   *
   * @param playheadMs program date time, UTC milliseconds; null while no class is shown
   * @param steadyMs a clock that never goes back, milliseconds
   */
  update(playheadMs: number | null, steadyMs: number): void {
    const watched = this.#meter.update(playheadMs, steadyMs);
    for (const minute of watched) if (this.#pending.size < MOST_PENDING) this.#pending.add(minute);
    if (watched.length > 0) this.report();
  }

  /** Sends all pending minutes. */
  report(): void {
    const { send, post } = this.#options;
    for (const minute of this.#pending) {
      this.#pending.delete(minute);
      if (send(minute)) continue;
      void post(minute)
        .catch(() => false)
        // It is sent with the next one, or on the next connection.
        .then((isAccepted) => isAccepted || this.#pending.add(minute));
    }
  }
}
