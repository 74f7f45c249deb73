/**
 * Keys in the store. Segments are grouped by channel and day, so that no folder grows without limit, and by the hash of their
 * init segment, so that the index can be rebuilt from keys and bytes alone.
 */

/** The parts of a segment's key. */
export type SegmentKey = {
  readonly channel: string;
  readonly rendition: string;
  readonly initHash: string;
  readonly number: number;
};

/** Prefix of a channel's segments; of all channels' when it is left out. */
export function mediaPrefix(channel?: string): string {
  return channel === undefined ? 'media/' : `media/${idInKey(channel)}/`;
}

/**
 * Key of a segment.
 *
 * @param gridStartMs where its number lies on the grid, UTC milliseconds
 */
export function segmentKey(
  channel: string,
  gridStartMs: number,
  segment: { readonly rendition: string; readonly initHash: string; readonly number: number },
): string {
  const { rendition, initHash, number } = segment;
  return `${mediaPrefix(channel)}${dayOf(gridStartMs)}/${idInKey(rendition)}/${initHash}/${number}.m4s`;
}

/** Key of an init segment. It has no day: its URL has no time either, and it is small. */
export function initKey(channel: string, rendition: string, hash: string): string {
  return `init/${idInKey(channel)}/${idInKey(rendition)}/${hash}.mp4`;
}

/** Prefix of a channel's index blocks; of all channels' when it is left out. */
export function indexPrefix(channel?: string): string {
  return channel === undefined ? 'index/' : `index/${idInKey(channel)}/`;
}

/**
 * Key of a block of the index.
 *
 * @param blockMs its beginning, UTC milliseconds
 */
export function indexKey(channel: string, blockMs: number): string {
  return `${indexPrefix(channel)}${blockMs}.jsonl`;
}

/** Prefix of a channel's attendances. */
export function attendancePrefix(channel: string): string {
  return `attendance/${idInKey(channel)}/`;
}

/** Key of a broadcast's attendance. */
export function attendanceKey(channel: string, broadcastId: string): string {
  return `${attendancePrefix(channel)}${idInKey(broadcastId)}.json`;
}

/** The UTC day of a time: `2020-02-17`. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** Escapes an id for a key: segments of a key do not begin with '-', and ids have no '.'. */
export function idInKey(id: string): string {
  return id.startsWith('-') ? `${ESCAPE}${id}` : id;
}

/** The id whose escaped form is `name`; the inverse of {@link idInKey}. */
export function idOfKey(name: string): string {
  return name.startsWith(ESCAPE) ? name.slice(ESCAPE.length) : name;
}

const ESCAPE = 'x.';
const SEGMENT =
  /^media\/((?:x\.)?[a-z0-9-]{1,64})\/\d{4}-\d\d-\d\d\/((?:x\.)?[a-z0-9-]{1,64})\/([0-9a-f]{12})\/(\d{1,15})\.m4s$/;

/** Reads the key of a segment; null for any other. */
export function parseSegmentKey(key: string): SegmentKey | null {
  const [, channel = '', rendition = '', initHash = '', number = ''] = SEGMENT.exec(key) ?? [];
  if (number === '') return null;
  return { channel: idOfKey(channel), rendition: idOfKey(rendition), initHash, number: Number(number) };
}
