import { isMediaPlaylist, type ReadPlaylist, readPlaylist } from './playlist-reader.ts';
import type { Exchange, Violation } from './violation.ts';

/** A media playlist as one answer gave it. */
export type Snapshot = {
  readonly exchange: Exchange;
  /** The URL without its query: one a rendition. */
  readonly path: string;
  readonly playlist: ReadPlaylist;
};

/** How far a playlist is. */
export type Edge = { readonly number: number; readonly partCount: number; readonly whole: boolean };

/** What was read once is not read again: histories are long, and checked more than once. */
const taken = new WeakMap<Exchange, Snapshot>();

/** Takes the media playlists out of a history, in the order in which they were complete. */
export function takeSnapshots(history: readonly Exchange[]): Snapshot[] {
  return history
    .filter((exchange) => exchange.status === 200 && isMediaPlaylist(exchange.text))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(takeSnapshot);
}

function takeSnapshot(exchange: Exchange): Snapshot {
  const known = taken.get(exchange);
  if (known !== undefined) return known;
  const snapshot = { exchange, path: pathOf(exchange.url), playlist: readPlaylist(exchange.text) };
  taken.set(exchange, snapshot);
  return snapshot;
}

/** Groups snapshots by rendition. */
export function byPath(snapshots: readonly Snapshot[]): Map<string, Snapshot[]> {
  const groups = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const group = groups.get(snapshot.path);
    if (group === undefined) groups.set(snapshot.path, [snapshot]);
    else group.push(snapshot);
  }
  return groups;
}

/** The newest segment or part of a playlist; number -1 for an empty one. */
export function edgeOf({ segments }: ReadPlaylist): Edge {
  const last = segments.at(-1);
  return {
    number: last?.number ?? -1,
    partCount: last?.parts.length ?? 0,
    whole: last !== undefined && last.uri !== null,
  };
}

/** A URL without its query. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** The query parameters of a URL. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

const resolvedUris = new Map<string, string>();

/** Resolves a URI that stands in a playlist. */
export function resolveUri(uri: string, playlistUrl: string): string {
  // Each is listed in hundreds of playlists of a history.
  const key = `${uri} ${pathOf(playlistUrl)}`;
  const known = resolvedUris.get(key) ?? resolve(uri, pathOf(playlistUrl));
  if (resolvedUris.size > 100_000) resolvedUris.clear();
  resolvedUris.set(key, known);
  return known;
}

function resolve(uri: string, playlistUrl: string): string {
  const base = new URL(playlistUrl, 'http://relative.invalid/');
  const resolved = new URL(uri, base);
  return /^[a-z]+:/.test(playlistUrl) ? resolved.href : resolved.pathname + resolved.search;
}

/** Makes a violation of what an answer showed. */
export function violationIn(
  exchange: Pick<Exchange, 'atMs' | 'url'>,
  section: string,
  rule: string,
  detail: string,
): Violation {
  return { section, rule, detail, atMs: exchange.atMs, url: exchange.url };
}
