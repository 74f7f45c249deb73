import { pictureSize } from '../../media/codec/picture-size.ts';
import { whyNotPlayed } from '../../media/codec/why-not-played.ts';
import type { PictureDescription } from '../../media/flv/picture-tag.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';
import type { SourceVideo } from '../job.ts';

/**
 * Describes pictures that begin in mid class, as a job describes those that are there at its start.
 *
 * @param config their configuration
 * @param description what the feed says of them; null when it says nothing
 */
export function begunVideo(
  { codec, data }: Pick<CodedVideo, 'codec' | 'data'>,
  description: PictureDescription | null,
): SourceVideo {
  const pixelAspect = pictureSize(codec, data)?.pixelAspect ?? null;
  const notPlayed = whyNotPlayed(codec, data);
  return {
    ...{ codec, ...(description ?? { width: 0, height: 0, frameRate: 0 }) },
    ...(pixelAspect === null ? {} : { pixelAspect }),
    ...(notPlayed === null ? {} : { notPlayed }),
  };
}
