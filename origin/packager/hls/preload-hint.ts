import { segmentStartMs } from '../../../shared/grid.ts';
import type { ChannelView, RenditionView } from '../media.ts';
import { partName } from './media-uri.ts';
import type { PreloadHint } from './playlist/media-playlist.ts';

/** Media may end this much before the grid's line and still fill its segment: half a frame at 60 fps, milliseconds. */
const FULL_TOLERANCE_MS = 8;

/**
 * The preload hint of a playlist (RFC 8216bis §4.4.5.3): the very next part, if it is certain which one that is.
 *
 * After a whole segment it is part 0 of the next one. In a segment that grows it is the next part, as long as the grid
 * leaves room for one. There is no hint after a gap, nor in a segment that has reached its end on the grid and still
 * waits for the keyframe that ends it (passthrough): such a part may never come.
 *
 * @param folder where the rendition's media lies, with the closing slash
 * @returns null for none
 */
export function preloadHint(
  { gridUnits }: Pick<ChannelView, 'gridUnits'>,
  { segments }: RenditionView,
  folder: string,
): PreloadHint | null {
  const segment = segments.at(-1);
  if (segment === undefined || segment.gap) return null;
  if (segment.closed) return { type: 'PART', uri: folder + partName(segment.number + 1, 0) };
  const endMs = ((segment.startTicks + segment.durationTicks) / segment.init.timescaleHz) * 1000;
  const gridEndMs = segmentStartMs(segment.number + 1, gridUnits);
  if (segment.parts.length > 0 && endMs > gridEndMs - FULL_TOLERANCE_MS) return null;
  return { type: 'PART', uri: folder + partName(segment.number, segment.parts.length) };
}
