import type { FeedSource } from '../feed/feed.ts';
import type { Segment } from '../media.ts';
import { chooseTracks } from '../splicer/track-choice.ts';
import { feedKindOf, type LoggedRun } from './run-log.ts';

/** A segment that a feed delivered when its time on air had passed: it was never listed, and belongs in the recording. */
export type LateSegment = {
  /** Rendition that would have shown it. */
  readonly rendition: string;
  readonly segment: Segment;
};

/** What is asked of the channel about one number. */
export type LateSources = {
  readonly renditions: readonly {
    readonly id: string;
    readonly kind: 'video' | 'audio';
    segment(number: number): Segment | undefined;
  }[];
  /** Runs, oldest first. */
  readonly runs: readonly LoggedRun[];
  readonly feeds: readonly FeedSource[];
  readonly slate: FeedSource;
};

/**
 * Watches the numbers that a class has missed on air: the slate took its place while its line stalled, or a segment was closed before
 * all of it had come. What the line delivers after all is found here, each segment once. Pure state; empty while nothing is missed.
 */
export class LateSegments {
  /** By number: the renditions that have nothing more to wait for. */
  readonly #watched = new Map<number, Set<string>>();

  /** A number was missed. */
  watch(number: number): void {
    if (!this.#watched.has(number)) this.#watched.set(number, new Set());
  }

  /** Whether anything is waited for. */
  get isWatching(): boolean {
    return this.#watched.size > 0;
  }

  /** Forgets all numbers before one: feeds do not have their segments any more. */
  forgetBefore(number: number): void {
    for (const watched of this.#watched.keys()) if (watched < number) this.#watched.delete(watched);
  }

  /** What has become whole since the last call. */
  take(sources: LateSources): LateSegment[] {
    const late: LateSegment[] = [];
    for (const [number, done] of this.#watched) {
      const feeds = feedsOfClass(number, sources);
      if (feeds.length === 0) continue;
      for (const rendition of sources.renditions) {
        if (done.has(rendition.id)) continue;
        const found = segmentOf(number, rendition, feeds, sources.slate);
        if (found === null) continue;
        done.add(rendition.id);
        if (isMore(found, rendition.segment(number), feeds))
          late.push({ rendition: rendition.id, segment: found });
      }
    }
    return late;
  }
}

/** The feeds of the class that a number belongs to: the one that was on air last. */
function feedsOfClass(number: number, { runs, feeds }: LateSources): FeedSource[] {
  const run = runs.findLast(({ firstNumber, state }) => firstNumber <= number && state === 'on-air');
  if (run === undefined) return [];
  const kind = feedKindOf(run.group);
  return feeds.filter((feed) => feed.kind === kind && feed.broadcast === run.broadcast);
}

/** The closed segment that has most parts, as a rendition shows it; null while there is none. */
function segmentOf(
  number: number,
  { id, kind }: { readonly id: string; readonly kind: 'video' | 'audio' },
  feeds: readonly FeedSource[],
  slate: FeedSource,
): Segment | null {
  let best: Segment | null = null;
  for (const feed of feeds) {
    const choice = chooseTracks([{ id, kind }], feed, number, slate).get(id);
    if (choice === undefined || choice.fromSlate) continue;
    const segment = feed.tracks.get(choice.track)?.segment(number);
    const [first] = segment?.parts ?? [];
    if (segment?.closed !== true || first === undefined) continue;
    if (best !== null && best.parts.length >= segment.parts.length) continue;
    best = {
      ...{ number, init: segment.init, parts: [...segment.parts], startTicks: first.startTicks },
      durationTicks: segment.parts.reduce((sum, { durationTicks }) => sum + durationTicks, 0),
      ...{ closed: true, gap: false, discontinuity: false },
    };
  }
  return best;
}

/** Whether a segment has more of the class than what was listed: a gap, the slate, or a segment that was closed too early. */
function isMore(found: Segment, listed: Segment | undefined, feeds: readonly FeedSource[]): boolean {
  if (listed === undefined || listed.gap) return true;
  const isOfClass = feeds.some(({ tracks }) =>
    [...tracks.values()].some((track) => track.segment(listed.number)?.init.hash === listed.init.hash),
  );
  return !isOfClass || found.parts.length > listed.parts.length;
}
