import { segmentStartMs } from '../../../shared/grid.ts';
import type { ChannelView, RenditionView } from '../media.ts';
import { partName } from './media-uri.ts';

/** Media may end this much before the grid's line and still fill its segment: half a frame at 60 fps, milliseconds. */
const FULL_TOLERANCE_MS = 8;

/**
 * EXT-X-PRELOAD-HINT (RFC 8216bis §4.4.5.3): names the very next part, if it is sure which one that is.
 *
 * After a whole segment it is part 0 of the next one. In a segment that grows it is the next part as long as the grid
 * leaves room for one. There is no hint after a gap, nor in a segment that has reached its end on the grid and still
 * waits for the keyframe that ends it (passthrough): the part so named might never come.
 *
 * @param folder where the rendition's media lies, with the closing slash
 * @returns one line with its line feed, or ''
 */
export function renderPreloadHint(view: ChannelView, rendition: RenditionView, folder: string): string {
  const segment = rendition.segments.at(-1);
  if (segment === undefined || segment.gap) return '';
  if (segment.closed) return hint(folder + partName(segment.number + 1, 0));
  const endMs = ((segment.startTicks + segment.durationTicks) / segment.init.timescaleHz) * 1000;
  const gridEndMs = segmentStartMs(segment.number + 1, view.gridUnits);
  if (segment.parts.length > 0 && endMs > gridEndMs - FULL_TOLERANCE_MS) return '';
  return hint(folder + partName(segment.number, segment.parts.length));
}

function hint(uri: string): string {
  return `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${uri}"\n`;
}
