import { isMediaPlaylist, readPlaylist, type ReadPlaylist } from './playlist-reader.ts';
import { byPath, edgeOf, pathOf, queryOf, type Snapshot, violationIn } from './snapshot.ts';
import type { Exchange, Violation } from './violation.ts';

/** A request that is answered this much after its limit was still answered in time, milliseconds. */
const HOLD_TOLERANCE_MS = 1000;
const SECTION = 'RFC 8216bis §6.2.5.2';

/**
 * Checks how requests with delivery directives were answered.
 *
 * @param snapshots those of the history
 *
 * @see RFC 8216bis §6.2.5.1, §6.2.5.2
 */
export function checkReloads(history: readonly Exchange[], snapshots: readonly Snapshot[]): Violation[] {
  const groups = byPath(snapshots);
  const progress = new Map([...groups].map(([path, group]) => [path, new Progress(group)]));
  const found: Violation[] = [];
  for (const exchange of history) {
    const known = progress.get(pathOf(exchange.url));
    const query = queryOf(exchange.url);
    if (known === undefined || ![...query.keys()].some((name) => name.startsWith('_HLS_'))) continue;
    found.push(...checkAnswer(exchange, query, known));
  }
  for (const group of groups.values()) found.push(...checkDeltas(group));
  return found;
}

/** How far a rendition was known to be, by time. */
class Progress {
  readonly targetMs: number;
  readonly #atMs: number[] = [];
  readonly #newest: number[] = [];

  constructor(group: readonly Snapshot[]) {
    this.targetMs = 1000 * Number(group[0]?.playlist.single['TARGETDURATION'] ?? Number.NaN);
    for (const { exchange, playlist } of group) {
      this.#atMs.push(exchange.atMs);
      this.#newest.push(Math.max(edgeOf(playlist).number, this.#newest.at(-1) ?? -1));
    }
  }

  /** Newest number of the answers up to a time; -1 for none. */
  newestAt(timeMs: number): number {
    let [low, high] = [0, this.#atMs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#atMs[middle] ?? 0) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return this.#newest[low - 1] ?? -1;
  }
}

function checkAnswer(exchange: Exchange, query: URLSearchParams, known: Progress): Violation[] {
  const { status, text } = exchange;
  const fault = (rule: string, detail: string): Violation[] => [violationIn(exchange, SECTION, rule, detail)];
  const [msn, part, skip] = ['_HLS_msn', '_HLS_part', '_HLS_skip'].map((name) => query.get(name));
  const sound = [msn, part].every((value) => value === null || /^\d+$/.test(value ?? ''));
  if (!sound) return status === 400 ? [] : fault('a directive that is no number gets 400', `${status}`);
  if (typeof part === 'string' && typeof msn !== 'string') {
    return status === 400 ? [] : fault('_HLS_part without _HLS_msn gets 400', `${status}`);
  }
  const playlist = status === 200 && isMediaPlaylist(text) ? readPlaylist(text) : null;
  if (playlist?.ended === true) return [];
  if (playlist !== null && playlist.skipped > 0 && skip === null) {
    return fault('a delta update is for those who ask for it', `SKIPPED-SEGMENTS=${playlist.skipped}`);
  }
  if (typeof msn !== 'string') return [];
  return checkWaited(exchange, Number(msn), typeof part === 'string' ? Number(part) : null, playlist, known);
}

function checkWaited(
  exchange: Exchange,
  number: number,
  part: number | null,
  playlist: ReadPlaylist | null,
  known: Progress,
): Violation[] {
  const { status } = exchange;
  const sentMs = exchange.sentMs ?? exchange.atMs;
  const fault = (rule: string, detail: string): Violation[] => [violationIn(exchange, SECTION, rule, detail)];
  const lastSeen = known.newestAt(sentMs);
  const { targetMs } = known;
  if (status === 200 && playlist !== null) {
    const edge = edgeOf(playlist);
    if (exchange.atMs - sentMs > 3 * targetMs + HOLD_TOLERANCE_MS) {
      return fault('503 after three target durations', `held for ${exchange.atMs - sentMs} ms`);
    }
    const has =
      edge.number > number ||
      (edge.number === number && (part === null ? edge.whole : part < edge.partCount));
    if (!has) {
      const where = `${edge.number}, ${edge.partCount} parts${edge.whole ? ', whole' : ''}`;
      return fault(
        'an answer holds what it was asked to wait for',
        `asked for ${number} part ${part}, got ${where}`,
      );
    }
  }
  // Only exact requests can be judged: what was the newest when it was sent is known from earlier answers, or one more.
  if (lastSeen >= 0 && number > lastSeen + 3 && status !== 400) {
    return fault('_HLS_msn > last + 2 gets 400', `${status} for ${number}, ${lastSeen} was the last`);
  }
  if (number <= lastSeen && part === null && number < lastSeen && status !== 200) {
    return fault(
      'an old _HLS_msn gets the full playlist at once',
      `${status} for ${number}, ${lastSeen} was the last`,
    );
  }
  return [];
}

/** "full = skipped + delta": compares each delta update with a full playlist of the same moment. */
function checkDeltas(group: readonly Snapshot[]): Violation[] {
  const found: Violation[] = [];
  const fulls = new Map<string, ReadPlaylist>();
  for (const { playlist } of group) if (playlist.skipped === 0) fulls.set(momentOf(playlist), playlist);
  for (const { exchange, playlist } of group) {
    if (playlist.skipped === 0) continue;
    const fault = (rule: string, detail: string): number =>
      found.push(violationIn(exchange, 'RFC 8216bis §6.2.5.1', rule, detail));
    const boundary = Number(
      /CAN-SKIP-UNTIL=([\d.]+)/.exec(playlist.single['SERVER-CONTROL'] ?? '')?.[1] ?? Number.NaN,
    );
    const leftS = playlist.segments
      .filter((segment) => segment.uri !== null)
      .reduce((sum, segment) => sum + segment.durationS, 0);
    if (leftS < boundary - 1e-6)
      fault('only what lies beyond the Skip Boundary is skipped', `${leftS} s are left of ${boundary}`);
    const full = fulls.get(momentOf(playlist));
    if (full === undefined) continue;
    const at = playlist.lines.findIndex((line) => line.startsWith('#EXT-X-SKIP:'));
    const head = playlist.lines.slice(0, at);
    const rest = playlist.lines.slice(at + 1);
    const same =
      JSON.stringify(full.lines.slice(0, head.length)) === JSON.stringify(head) &&
      JSON.stringify(full.lines.slice(full.lines.length - rest.length)) === JSON.stringify(rest);
    const skipped = full.lines.slice(head.length, full.lines.length - rest.length);
    const uris = skipped.filter((line) => !line.startsWith('#')).length;
    const lost = skipped.some((line) => line.startsWith('#EXT-X-DATERANGE'));
    if (!same || lost || uris !== playlist.skipped) {
      fault(
        'full = skipped + delta',
        `${uris} segments lie between them, SKIPPED-SEGMENTS=${playlist.skipped}`,
      );
    }
  }
  return found;
}

/** Two playlists of one rendition with the same moment are the same version. */
function momentOf({ firstNumber, segments, reports }: ReadPlaylist): string {
  const last = segments.at(-1);
  return `${firstNumber} ${last?.uri ?? last?.parts.at(-1)?.uri} ${JSON.stringify(reports)}`;
}
