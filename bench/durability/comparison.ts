import type { ObjectStore } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { parseSegmentKey } from '../../origin/archive/archive-keys.ts';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';
import { type Fingerprint, fingerprint, segmentName } from './class-watcher.ts';

/** The segments of one way of playback, compared with those that were seen live. */
export type Comparison = {
  /** Segments with the same bytes as live. */
  readonly same: number;
  /** Segments with other bytes. */
  readonly others: readonly string[];
  /** Segments that are missing. */
  readonly missing: readonly string[];
  /** Segments that are listed as gaps. */
  readonly gaps: readonly string[];
};

/** Concurrent reads of one way. */
const AT_ONCE = 6;

/**
 * Fetches every segment that playlists list.
 *
 * @param urls playlists, one a rendition
 * @param wanted the fingerprints that were seen live
 * @throws {Error} when a playlist cannot be read
 */
export async function compareListed(
  urls: readonly string[],
  wanted: ReadonlyMap<string, Fingerprint>,
): Promise<Comparison> {
  const found = new Map<string, () => Promise<Uint8Array>>();
  const gaps: string[] = [];
  for (const url of urls) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    for (const { uri, gap } of readPlaylist(await answer.text()).segments) {
      const name = uri === null ? null : segmentName(uri);
      if (uri === null || name === null) continue;
      if (gap) gaps.push(name);
      else found.set(name, () => fetchBytes(new URL(uri, url).href));
    }
  }
  return compare(found, wanted, gaps);
}

/** Reads every segment of a channel from its store. */
export async function compareStored(
  store: ObjectStore,
  channel: string,
  wanted: ReadonlyMap<string, Fingerprint>,
): Promise<Comparison> {
  const found = new Map<string, () => Promise<Uint8Array>>();
  for await (const { key } of store.list(`media/${channel}/`)) {
    const named = parseSegmentKey(key);
    if (named !== null) found.set(`${named.rendition}/${named.number}`, () => store.get(key));
  }
  return compare(found, wanted, []);
}

async function compare(
  found: ReadonlyMap<string, () => Promise<Uint8Array>>,
  wanted: ReadonlyMap<string, Fingerprint>,
  gaps: readonly string[],
): Promise<Comparison> {
  let same = 0;
  const others: string[] = [];
  const missing: string[] = [];
  await forEachBounded(wanted, AT_ONCE, async ([name, seen]) => {
    const read = found.get(name);
    if (read === undefined) {
      missing.push(name);
      return;
    }
    const now = fingerprint(await read());
    if (now === seen) same += 1;
    else others.push(`${name}: ${now}, seen ${seen}`);
  });
  return { same, others, missing, gaps };
}

/** An error response counts as other bytes. */
async function fetchBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
