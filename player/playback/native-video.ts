/** Safari's own date of media time 0; not in every browser's type library. */
type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

/** Program date time at a media time of the browser's own HLS player, UTC milliseconds; null while unknown. */
export function nativeProgramTimeMs(video: DatedVideo, mediaTimeS: number): number | null {
  const startMs = video.getStartDate?.().getTime() ?? Number.NaN;
  return Number.isFinite(startMs) ? startMs + mediaTimeS * 1000 : null;
}

/**
 * Whether the media element failed to decode or to load. Browsers report a playlist that they cannot read and one that did not come
 * alike: the server tells which it was.
 *
 * @param isServed whether the server delivers a file to this page
 */
export async function nativeFailureOf(
  video: Pick<HTMLVideoElement, 'error'>,
  url: string,
  isServed: (url: string) => Promise<boolean>,
): Promise<'media' | 'network'> {
  const code = video.error?.code;
  if (code === DECODE) return 'media';
  return code === NOT_SUPPORTED && (await isServed(url)) ? 'media' : 'network';
}

/** MediaError.code. */
const DECODE = 3;
const NOT_SUPPORTED = 4;
