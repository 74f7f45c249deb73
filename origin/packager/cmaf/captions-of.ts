import { CaptionScan } from '../../../media/codec/a53-captions.ts';
import type { TrackInit } from '../media.ts';

/** Begins to look for closed captions in the samples of a track; null where it is no H.264 or H.265. */
export function captionScanOf({ parameterSets }: Pick<TrackInit, 'parameterSets'>): CaptionScan | null {
  return parameterSets === undefined ? null : new CaptionScan(parameterSets.kind, parameterSets.lengthSize);
}

/** The services of several renditions, each once, in the order in which they are first named. */
export function allCaptions(
  renditions: readonly { readonly captions?: readonly string[] }[],
): readonly string[] {
  return [...new Set(renditions.flatMap(({ captions }) => captions ?? []))];
}
