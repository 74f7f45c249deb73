import { checkAvailability, checkPlaylistHeaders, type MediaProbe } from './delivery-rules.ts';
import { checkMultivariant, readMultivariant } from './multivariant-rules.ts';
import { checkPlaylist } from './playlist-rules.ts';
import { checkReloads } from './reload-rules.ts';
import { checkRenditions } from './rendition-rules.ts';
import { checkSequence } from './sequence-rules.ts';
import { byPath, pathOf, resolveUri, takeSnapshots } from './snapshot.ts';
import type { Exchange, Violation } from './violation.ts';

/** What the checker is told beside the history. */
export type HistoryOptions = {
  /** False for passthrough: renditions are not cut at the same times. */
  readonly cutOnGrid: boolean;
};

/**
 * Checks what a client saw of one channel over time against every MUST of LL-HLS that shows from outside. It knows
 * nothing of the server: any server's history can be checked.
 *
 * @param history answers to requests for multivariant and media playlists of one channel, in any order; odd requests
 *   (bad directives, old and future numbers) are welcome, each is judged by what it asked for
 * @param media fetches of segments and parts; those that no playlist of the history lists are left aside
 * @returns violations, oldest first; empty for a server without fault
 * @see RFC 8216bis; HLS Authoring Specification
 */
export function checkPlaylistHistory(
  history: readonly Exchange[],
  media: readonly MediaProbe[] = [],
  options: HistoryOptions = { cutOnGrid: true },
): Violation[] {
  const snapshots = takeSnapshots(history);
  const renditions = new Set<string>(snapshots.map(({ path }) => path));
  const found: Violation[] = [];
  for (const { atMs, url, status, text } of history) {
    const multivariant = status === 200 ? readMultivariant(text) : null;
    if (multivariant === null) continue;
    for (const uri of multivariant.uris) renditions.add(pathOf(resolveUri(uri, url)));
    for (const finding of checkMultivariant(multivariant)) found.push({ ...finding, atMs, url });
  }
  for (const { exchange, playlist } of snapshots) {
    for (const finding of checkPlaylist(playlist))
      found.push({ ...finding, atMs: exchange.atMs, url: exchange.url });
  }
  for (const group of byPath(snapshots).values()) found.push(...checkSequence(group));
  found.push(
    ...checkRenditions(snapshots, [...renditions], options.cutOnGrid),
    ...checkReloads(history, snapshots),
    ...checkPlaylistHeaders(history),
    ...checkAvailability(snapshots, media),
  );
  return found.toSorted((a, b) => a.atMs - b.atMs);
}
