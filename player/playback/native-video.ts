/** Safari's own date of media time 0; not in every browser's type library. */
type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

/** Program date time at a media time of the browser's own HLS player, UTC milliseconds; null while unknown. */
export function nativeProgramTimeMs(video: DatedVideo, mediaTimeS: number): number | null {
  const startMs = video.getStartDate?.().getTime() ?? Number.NaN;
  return Number.isFinite(startMs) ? startMs + mediaTimeS * 1000 : null;
}

/** Whether the media element failed to decode or to load. */
export function nativeFailureOf(video: HTMLVideoElement): 'media' | 'network' {
  return video.error?.code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network';
}
