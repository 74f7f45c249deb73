import type { TrackSegment, TrackSource } from '../feed/feed-track.ts';
import type { Part, Segment } from '../media.ts';

/** A feed's track that may deliver a segment, and whether more of it can still come. */
export type Source = {
  readonly track: TrackSource;
  /** More may come. */
  readonly alive: boolean;
  /** A connection stands. */
  readonly connected: boolean;
};

/** The next step of a segment. */
export type NextPart =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'closed' | 'lost' | 'wait' };

/** What one source offers for the next step of a segment. */
type Offer = {
  readonly next: NextPart | null;
  /** It has more than the next part: a twin that is that far ahead is taken over from a feed that lags. */
  readonly ahead: boolean;
  readonly pending: boolean;
};

/**
 * Finds what comes next in a segment: from the feed on air, or from a twin where that feed fell behind or lost its line.
 *
 * @param sources the track of the feed on air first, then those of its twins
 * @param open the segment as far as it is; undefined where it has not begun
 * @returns `lost` where no source can deliver more, `wait` where one still may
 */
export function nextPart(sources: readonly Source[], number: number, open: Segment | undefined): NextPart {
  const offers = sources.map((source) => offer(source, number, open));
  const first = offers[0]?.next;
  if (first !== null && first !== undefined) return first;
  const isHealthy = sources[0]?.connected === true && offers[0]?.pending === true;
  const twin = offers.find(({ next, ahead }) => next !== null && (ahead || !isHealthy))?.next;
  if (twin !== null && twin !== undefined) return twin;
  return { kind: offers.some(({ next, pending }) => next !== null || pending) ? 'wait' : 'lost' };
}

function offer({ track, alive }: Source, number: number, open: Segment | undefined): Offer {
  const segment = track.segment(number);
  // A twin whose encoder was set up otherwise cannot go on with a segment that another one began.
  const fits = open === undefined || segment === undefined || segment.init.hash === open.init.hash;
  if (!fits || beginsBehind(segment, open)) return { next: null, ahead: false, pending: false };
  const index = open?.parts.length ?? 0;
  const part = segment?.parts[index];
  if (part !== undefined) {
    const ahead = segment?.closed === true || segment?.parts[index + 1] !== undefined;
    return { next: { kind: 'part', part }, ahead, pending: false };
  }
  if (segment?.closed === true && open !== undefined) {
    return { next: { kind: 'closed' }, ahead: true, pending: false };
  }
  const pending = alive && (hasBegun(segment) || track.coverage(number) === 'may');
  return { next: null, ahead: false, pending };
}

/** A twin that joined in the middle of the segment: its parts are others than those of the same index. */
function beginsBehind(segment: TrackSegment | undefined, open: Segment | undefined): boolean {
  const [own, first] = [segment?.parts[0], open?.parts[0]];
  if (own === undefined || first === undefined) return false;
  return own.startTicks >= first.startTicks + first.durationTicks;
}

/** Tells whether a source has delivered anything of a segment. */
export function hasBegun(segment: TrackSegment | undefined): boolean {
  return segment !== undefined && segment.parts.length > 0;
}
