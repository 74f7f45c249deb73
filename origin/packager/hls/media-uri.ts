/**
 * Where a rendition's media lies, seen from `/live/{channel}/…`. Relative, so that a path prefix in front of both (a
 * token that the edge checks) stays in place and nothing differs from viewer to viewer.
 *
 * @returns a folder, with its closing slash
 */
export function mediaFolder(channel: string, rendition: string): string {
  return `../../media/${channel}/${rendition}/`;
}

/**
 * Where a rendition's media lies, seen from `/replay/{channel}/{from}-{to}/…`.
 *
 * @returns a folder, with its closing slash
 */
export function mediaFolderOfReplay(channel: string, rendition: string): string {
  return `../../../media/${channel}/${rendition}/`;
}

/**
 * Name of an init segment.
 *
 * @param hash of its bytes, so that it may be cached for ever
 */
export function initName(hash: string): string {
  return `init-${hash}.mp4`;
}

/**
 * Name of a segment.
 *
 * @param number its number on the grid
 */
export function segmentName(number: number | '$Number$'): string {
  return `${number}.m4s`;
}

/**
 * Name of a part.
 *
 * @param number its segment's number
 * @param index zero-based within the segment
 */
export function partName(number: number, index: number): string {
  return `${number}.${index}.m4s`;
}
