/** Time limits of a request that the server may hold for three target durations (RFC 8216bis §6.2.5.2). Milliseconds. */
export const RELOAD_LIMITS = { firstByteMs: 7000, loadMs: 12_000 };

const PART_DIRECTIVE = /([?&])_HLS_part=\d+(&|$)/;
/** Tags of parts, and those that tell how far parts are: hls.js would wait for the next part. */
const PART_TAGS = /^#EXT-X-(PART|PART-INF|PRELOAD-HINT|RENDITION-REPORT):/;

/**
 * The request that waits for a whole segment, in place of one that waits for a part of it: "_HLS_msn" alone.
 *
 * @param url of a media playlist, with delivery directives or without
 * @returns the same without `_HLS_part`; as it was where there is none
 * @see RFC 8216bis §6.2.5.2
 */
export function wholeSegmentRequest(url: string): string {
  return url.replace(PART_DIRECTIVE, (_found, before: string, after: string) => (after === '' ? '' : before));
}

/** Whether a request waits for a part. */
export function waitsForPart(url: string): boolean {
  return PART_DIRECTIVE.test(url);
}

/**
 * A media playlist as one without parts: whole segments alone, and nothing of the segment that is not whole yet. hls.js then asks
 * for the next segment as soon as it has read it (`_HLS_msn`), where a server can hold the answer until that is whole; with parts in
 * the playlist, and told not to load them, it asks a segment's duration after the last answer, and is a round trip later each time.
 *
 * @param text a media playlist; a multivariant one, or one without parts, is returned as it is
 */
export function wholeSegmentsAlone(text: string): string {
  if (!text.includes('#EXT-X-PART-INF:')) return text;
  const lines = text.split('\n').filter((line) => !PART_TAGS.test(line));
  let end = lines.length;
  while (end > 0 && !isAddress(lines[end - 1])) end -= 1;
  // Behind the last address stand the tags of the segment that is not whole: its discontinuity would count twice.
  const tail = lines.slice(end).filter((line) => end === 0 || line.startsWith('#EXT-X-ENDLIST'));
  return `${[...lines.slice(0, end), ...tail].join('\n')}\n`;
}

function isAddress(line = ''): boolean {
  return line !== '' && !line.startsWith('#');
}
