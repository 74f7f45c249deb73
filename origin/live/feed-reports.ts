import type { FeedReport } from '../../shared/feed-report.ts';

/** A report of a feed, with what the origin knew when it came. */
export type StoredReport = {
  readonly report: FeedReport;
  /** When it came, by the origin's clock, UTC milliseconds. */
  readonly receivedMs: number;
  /** Age of the newest part of the latest rendition then, milliseconds; null where there was none. */
  readonly originMs: number | null;
};

/** A report that is older than this says nothing about now, milliseconds. */
const STALE_MS = 5000;

/** The newest report of each feed of a channel. */
export class FeedReports {
  readonly #byFeed = new Map<string, StoredReport>();

  /**
   * Stores a report in place of the feed's last one, and forgets those of other feeds that are not known any more.
   *
   * @param isKnown tells whether the channel still has a feed of this id
   */
  store(feedId: string, stored: StoredReport, isKnown: (feedId: string) => boolean): void {
    this.#byFeed.set(feedId, stored);
    for (const id of this.#byFeed.keys()) if (!isKnown(id)) this.#byFeed.delete(id);
  }

  /** The newest report of a feed; null where it has none that holds at `nowMs` (UTC milliseconds). */
  of(feedId: string | null, nowMs: number): StoredReport | null {
    const stored = this.#byFeed.get(feedId ?? '');
    // A clock that is set makes a report old too, in either direction.
    return stored === undefined || Math.abs(nowMs - stored.receivedMs) > STALE_MS ? null : stored;
  }
}
