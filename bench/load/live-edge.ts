/** Where a playlist ends, and its newest part. */
export type PlaylistEdge = {
  /** Media sequence number and part index that come next (RFC 8216bis §6.2.5.2). */
  readonly nextNumber: number;
  readonly nextPart: number;
  /** URI of the newest part; null for none. */
  readonly partUri: string | null;
};

/**
 * Reads just what a simulated viewer needs, without reading the rest: thousands do so ten times a second. Pure.
 *
 * @param body a media playlist, whole or a delta update
 */
export function readEdge(body: string): PlaylistEdge {
  const numberAt = (tag: string): number => {
    const at = body.indexOf(tag);
    return at < 0 ? 0 : Number.parseInt(body.slice(at + tag.length, at + tag.length + 20), 10);
  };
  let segments = numberAt('#EXT-X-SKIP:SKIPPED-SEGMENTS=');
  let lastSegmentAt = 0;
  for (let at = body.indexOf('#EXTINF:'); at >= 0; at = body.indexOf('#EXTINF:', at + 8)) {
    segments += 1;
    lastSegmentAt = at;
  }
  let parts = 0;
  for (
    let at = body.indexOf('#EXT-X-PART:', lastSegmentAt);
    at >= 0;
    at = body.indexOf('#EXT-X-PART:', at + 12)
  )
    parts += 1;
  const newest = body.lastIndexOf('#EXT-X-PART:');
  const uriAt = newest < 0 ? -1 : body.indexOf('URI="', newest) + 5;
  return {
    nextNumber: numberAt('#EXT-X-MEDIA-SEQUENCE:') + segments,
    nextPart: parts,
    partUri: uriAt < 5 ? null : body.slice(uriAt, body.indexOf('"', uriAt)),
  };
}
