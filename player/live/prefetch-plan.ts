/** The files of a media playlist that hls.js will load next. Addresses are as in the playlist. */
export type PrefetchPlan = {
  /** Part target, in milliseconds; 0 without parts. */
  readonly partTargetMs: number;
  /** Init segment of the newest part; null without one. */
  readonly init: string | null;
  /** Parts from the start position on, oldest first. */
  readonly parts: readonly string[];
  /** The newest parts, oldest first, whatever the start position. */
  readonly newest: readonly string[];
  /** The part that the server sends as soon as it exists; null without a hint. */
  readonly hint: string | null;
};

const PART = /^#EXT-X-PART:(.*)$/;
/** More would be an error in the playlist. */
const MOST_PARTS = 24;

/**
 * Reads from a playlist which files hls.js will load when it joins, so that they can be requested all at once
 * instead of one after the other. Unknown lines are skipped: hls.js does the real parsing.
 *
 * @param text a media playlist (RFC 8216bis §4)
 * @param holdMsFor distance from the edge at which playback starts, in milliseconds, by part target in milliseconds
 */
export function planPrefetch(text: string, holdMsFor: (partTargetMs: number) => number): PrefetchPlan {
  const partTargetMs = Number(/PART-TARGET=([\d.]+)/.exec(text)?.[1] ?? 0) * 1000;
  let init: string | null = null;
  let hint: string | null = null;
  // Segments as lists of parts; the last one is open, and empty when the newest segment is complete.
  const segments: { uri: string; durationMs: number; independent: boolean }[][] = [[]];
  for (const line of text.split('\n')) {
    const part = PART.exec(line)?.[1];
    if (part !== undefined && !part.includes('BYTERANGE')) {
      const uri = attribute(part, 'URI');
      const durationMs = Number(/DURATION=([\d.]+)/.exec(part)?.[1] ?? 0) * 1000;
      if (uri !== null)
        segments.at(-1)?.push({ uri, durationMs, independent: part.includes('INDEPENDENT=YES') });
    } else if (line.startsWith('#EXT-X-MAP:')) {
      init = line.includes('BYTERANGE') ? null : attribute(line, 'URI');
    } else if (line.startsWith('#EXT-X-PRELOAD-HINT:') && line.includes('TYPE=PART')) {
      hint = line.includes('BYTERANGE') ? null : attribute(line, 'URI');
    } else if (line !== '' && !line.startsWith('#')) {
      segments.push([]);
    }
  }
  // Back from the edge until the start position is covered, and further to an independent part.
  const holdMs = holdMsFor(partTargetMs);
  const parts: string[] = [];
  let coveredMs = 0;
  for (const part of segments.flat().reverse()) {
    parts.unshift(part.uri);
    coveredMs += part.durationMs;
    if ((coveredMs >= holdMs && part.independent) || parts.length >= MOST_PARTS) break;
  }
  const newest = segments
    .flat()
    .slice(-MOST_PARTS)
    .map(({ uri }) => uri);
  return { partTargetMs, init, parts, newest, hint };
}

function attribute(text: string, name: string): string | null {
  return new RegExp(`[:,]${name}="([^"]*)"`).exec(`:${text}`)?.[1] ?? null;
}
