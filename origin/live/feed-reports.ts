import { type Awaited, awaitedMedia } from '../../shared/awaited-media.ts';
import type { FeedReport } from '../../shared/feed-report.ts';

/** A report of a feed, with what the origin knew when it came. */
export type StoredReport = {
  readonly report: FeedReport;
  /** When it came, by the origin's clock, UTC milliseconds. */
  readonly receivedMs: number;
  /** Age of the newest part of the latest rendition then, milliseconds; null where there was none. */
  readonly originMs: number | null;
};

/** A kind of media at the worker: its newest time, and when the origin first heard of that, UTC milliseconds. */
type Newest = { readonly mediaMs: number; readonly sinceMs: number } | null;
type NewestMedia = { readonly picture: Newest; readonly sound: Newest };

/** Ages are rounded to milliseconds: a newest time that moves by less has not moved. */
const ROUNDING_MS = 5;
/** A report that is older than this says nothing about now, milliseconds. */
const STALE_MS = 5000;

/** The newest report of each feed of a channel. */
export class FeedReports {
  readonly #byFeed = new Map<string, StoredReport & { readonly newest: NewestMedia }>();

  /**
   * Stores a report in place of the feed's last one, and forgets those of other feeds that are not known any more.
   *
   * @param isKnown tells whether the channel still has a feed of this id
   */
  store(feedId: string, stored: StoredReport, isKnown: (feedId: string) => boolean): void {
    this.#byFeed.set(feedId, { ...stored, newest: newestOf(stored, this.#byFeed.get(feedId)?.newest) });
    for (const id of this.#byFeed.keys()) if (!isKnown(id)) this.#byFeed.delete(id);
  }

  /** The newest report of a feed; null where it has none that holds at `nowMs` (UTC milliseconds). */
  of(feedId: string | null, nowMs: number): StoredReport | null {
    const stored = this.#byFeed.get(feedId ?? '');
    // A clock that is set makes a report old too, in either direction.
    return stored === undefined || Math.abs(nowMs - stored.receivedMs) > STALE_MS ? null : stored;
  }

  /**
   * What the publisher of a feed does not send, as its worker reports.
   *
   * @returns empty where nothing is missing, nothing is known, or it is the server that stands still
   */
  awaited(feedId: string | null, nowMs: number): readonly Awaited[] {
    const stored = this.of(feedId, nowMs);
    const newest = this.#byFeed.get(feedId ?? '')?.newest;
    if (stored === null || newest === undefined || stored.report.sourceStalled === true) return [];
    // Before the first media of either kind the worker has only just begun.
    if (newest.picture === null && newest.sound === null) return [];
    const silentMs = (kind: Newest) => (kind === null ? null : nowMs - kind.sinceMs);
    return awaitedMedia({ picture: silentMs(newest.picture), sound: silentMs(newest.sound) });
  }
}

function newestOf({ report, receivedMs }: StoredReport, before: NewestMedia | undefined): NewestMedia {
  const of = (kind: keyof NewestMedia): Newest => {
    const ageMs = report.lagMs.source[kind];
    if (ageMs === null) return null;
    const mediaMs = report.atMs - ageMs;
    const last = before?.[kind] ?? null;
    return last !== null && Math.abs(mediaMs - last.mediaMs) < ROUNDING_MS
      ? last
      : { mediaMs, sinceMs: receivedMs };
  };
  return { picture: of('picture'), sound: of('sound') };
}
