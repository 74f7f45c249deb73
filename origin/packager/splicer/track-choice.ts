import type { FeedSource } from '../feed/feed.ts';
import type { TrackSource } from '../feed/feed-track.ts';

/** Which track each rendition shows, by rendition id; fixed for a run, so that its init segment is too. */
export type TrackChoice = ReadonlyMap<string, { readonly track: string; readonly fromSlate: boolean }>;

/**
 * Chooses the track of each rendition for one run.
 *
 * A rendition that the feed does not have shows the feed's nearest one at or below it: a player of 720p continues when a
 * teacher publishes 360p. A kind of media that the feed lacks (no sound, say) is filled from the slate.
 *
 * @param renditions the channel's renditions; ids such as `720p` tell their height
 * @param feed the feed of the run
 * @param number the run's first segment: tracks that are away in it do not count
 * @param slate provides silence, or a placeholder picture
 */
export function chooseTracks(
  renditions: readonly { readonly id: string; readonly kind: 'video' | 'audio' }[],
  feed: FeedSource,
  number: number,
  slate: FeedSource,
): TrackChoice {
  const choice = new Map<string, { track: string; fromSlate: boolean }>();
  for (const { id, kind } of renditions) {
    const own = nearest(id, kind, feed, number);
    const track = own ?? nearest(id, kind, slate, number);
    if (track !== undefined) choice.set(id, { track: track.name, fromSlate: own === undefined });
  }
  return choice;
}

function nearest(
  id: string,
  kind: 'video' | 'audio',
  feed: FeedSource,
  number: number,
): TrackSource | undefined {
  const all = [...feed.tracks.values()].filter((track) => track.init.kind === kind);
  const there = all.filter(({ name }) => feed.hasTrackIn(name, number));
  // Between two plans there may be none: the next one is about to begin.
  const tracks = (there.length > 0 ? there : all).toSorted((a, b) => b.init.heightPx - a.init.heightPx);
  const exact = tracks.find(({ name }) => name === id);
  if (exact !== undefined) return exact;
  const named = /^(\d+)p$/.exec(id)?.[1];
  const heightPx = named === undefined ? Number.POSITIVE_INFINITY : Number(named);
  return tracks.find((track) => track.init.heightPx <= heightPx) ?? tracks.at(-1);
}
