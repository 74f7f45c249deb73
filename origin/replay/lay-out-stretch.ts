import type { LiveChannel } from '../live/live-channel.ts';
import type { Segment, TrackInit } from '../packager/media.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';
import { mediaInMemory } from './live-segments.ts';
import { archivedSegment, gapSegment, slateSegment } from './archived-segments.ts';

/** The archive's part of a stretch. */
export type StoredStretch = {
  readonly stored: readonly StoredSegment[];
  /** By `{rendition}/{hash}`; a segment without its init segment becomes a gap. */
  readonly inits: ReadonlyMap<string, TrackInit>;
};

/**
 * Lays out a stretch of a channel. For each number: the segment in memory, else the stored one, else the slate if it was on air
 * according to the log of runs, else a gap.
 *
 * @param fromNumber its first segment
 * @param toNumber its last segment plus one
 * @returns segments by rendition
 */
export function layOutStretch(
  channel: LiveChannel,
  fromNumber: number,
  toNumber: number,
  { stored, inits }: StoredStretch,
): Map<string, Segment[]> {
  const byRendition = new Map<string, Map<number, StoredSegment>>();
  for (const segment of stored) {
    let own = byRendition.get(segment.rendition);
    if (own === undefined) {
      own = new Map();
      byRendition.set(segment.rendition, own);
    }
    own.set(segment.number, segment);
  }
  const stretch = new Map<string, Segment[]>();
  for (const rendition of channel.renditions) {
    const own = byRendition.get(rendition.id);
    const segments: Segment[] = [];
    let init = rendition.segments[0]?.init ?? channel.slateInit(rendition.kind);
    for (let number = fromNumber; number < toNumber; number += 1) {
      const known = own?.get(number);
      const storedInit = known && inits.get(`${rendition.id}/${known.initHash}`);
      const segment =
        mediaInMemory(rendition, number) ??
        (known && storedInit && archivedSegment(channel, known, storedInit)) ??
        slateSegment(channel, rendition.kind, number) ??
        (init && gapSegment(channel, init, number));
      if (segment === undefined) continue;
      init = segment.init;
      segments.push(segment);
    }
    stretch.set(rendition.id, segments);
  }
  return stretch;
}
