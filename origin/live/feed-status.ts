import type { FeedReport } from '../../shared/feed-report.ts';
import type { Feed } from '../packager/feed/feed.ts';
import type { FeedEnding } from '../packager/feed/feed-liveness.ts';

/** One track of a feed, as data. */
export type TrackStatus = {
  readonly name: string;
  /** RFC 6381. */
  readonly codec: string;
  /** Pixels; 0 for audio. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** 0 for audio. */
  readonly frameRate: number;
  /** End of its newest sample, UTC milliseconds; null before the first. */
  readonly headMs: number | null;
};

/** A feed that competes for a channel, as data. */
export type FeedStatus = {
  /** `live.b1`. */
  readonly id: string;
  readonly kind: string;
  /** At least one of its tracks has a connection. */
  readonly connected: boolean;
  /** False when it ended, or has been silent for too long. */
  readonly alive: boolean;
  /** How its sender ended it; null while it did not. */
  readonly ending: FeedEnding | null;
  /** How far its media time is behind the clock, milliseconds; negative when ahead. */
  readonly lagMs: number;
  readonly tracks: readonly TrackStatus[];
  /** What its transcode worker reported last; null where it does not, or has not for 5 s. */
  readonly report: FeedReport | null;
};

/** Describes a feed at one moment. */
export function feedStatus(feed: Feed, report: FeedReport | null, nowMs: number): FeedStatus {
  return {
    id: feed.id,
    kind: feed.kind,
    connected: feed.connected,
    alive: feed.isAlive(nowMs),
    ending: feed.ending,
    lagMs: Math.round(feed.lagMs),
    tracks: [...feed.tracks.values()].map(({ name, init, frameRate, headMs }) => ({
      name,
      codec: init.codec,
      widthPx: init.widthPx,
      heightPx: init.heightPx,
      frameRate,
      headMs: Number.isFinite(headMs) ? Math.round(headMs) : null,
    })),
    report,
  };
}
