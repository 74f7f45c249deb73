import type { Attributes, ReadSegment } from './playlist-reader.ts';
import { type Snapshot, violationIn } from './snapshot.ts';
import type { Violation } from './violation.ts';

/** Tags that "MUST NOT change" or are to be one value for ever. */
const CONSTANT = ['TARGETDURATION', 'PART-INF', 'SERVER-CONTROL'] as const;

/**
 * Checks one rendition's playlists against those before them.
 *
 * @param snapshots of one rendition, oldest first
 * @see RFC 8216bis §6.2.1, §6.2.2
 */
export function checkSequence(snapshots: readonly Snapshot[]): Violation[] {
  const found: Violation[] = [];
  const known: Known = { segments: new Map(), discontinuity: new Map(), ranges: new Map() };
  snapshots.forEach((snapshot, index) => {
    const before = snapshots[index - 1];
    if (before !== undefined) found.push(...checkStep(before, snapshot));
    found.push(...checkKnown(known, snapshot));
  });
  return found;
}

type Known = {
  readonly segments: Map<number, ReadSegment>;
  /** Discontinuity number by media sequence number. */
  readonly discontinuity: Map<number, number>;
  readonly ranges: Map<string, Attributes>;
};

function checkStep(before: Snapshot, after: Snapshot): Violation[] {
  const found: Violation[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push(violationIn(after.exchange, section, rule, detail));
  for (const tag of CONSTANT) {
    const [was, is] = [before.playlist.single[tag], after.playlist.single[tag]];
    if (was !== is) fault('RFC 8216bis §6.2.1', `${tag} never changes`, `${was} became ${is}`);
  }
  // A request that was held may overtake one that was not: only what was asked for later may be compared.
  const [a, b] = [before.playlist, after.playlist];
  const sentMs = after.exchange.sentMs ?? after.exchange.atMs;
  if (b.firstNumber < a.firstNumber && sentMs >= before.exchange.atMs) {
    fault(
      'RFC 8216bis §6.2.2',
      'EXT-X-MEDIA-SEQUENCE never goes back',
      `${a.firstNumber} became ${b.firstNumber}`,
    );
  }
  if (b.firstNumber > a.firstNumber && b.skipped + b.segments.length < 6) {
    const listed = b.skipped + b.segments.length;
    fault('HLS Authoring Specification 8.11', 'six segments at least', `${listed} after one was removed`);
  }
  found.push(...checkHint(before, after));
  return found;
}

/** The part that follows is the one that was hinted, unless the plan changed (a discontinuity or a gap). */
function checkHint(before: Snapshot, after: Snapshot): Violation[] {
  const hinted = before.playlist.hints.find((hint) => hint['TYPE'] === 'PART')?.['URI'];
  const last = before.playlist.segments.at(-1);
  if (hinted === undefined || last === undefined) return [];
  for (const segment of after.playlist.segments) {
    if (segment.number < last.number || segment.parts.length === 0) continue;
    const part = segment.parts[segment.number === last.number ? last.parts.length : 0];
    if (part === undefined) continue;
    const planChanged = segment.gap || part.gap || segment.discontinuity;
    if (part.uri === hinted || planChanged) return [];
    const detail = `${hinted} was hinted, ${part.uri} came`;
    return [violationIn(after.exchange, 'RFC 8216bis §6.2.6', 'a hint names the very next part', detail)];
  }
  return [];
}

function checkKnown(known: Known, { exchange, playlist }: Snapshot): Violation[] {
  const found: Violation[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push(violationIn(exchange, section, rule, detail));
  let discontinuity = playlist.discontinuitySequence;
  for (const segment of playlist.segments) {
    const { number } = segment;
    const before = known.segments.get(number);
    if (before !== undefined) {
      const change = describeChange(before, segment);
      if (change !== null)
        fault(
          'RFC 8216bis §6.2.1',
          'what a playlist says of a segment never changes',
          `${number}: ${change}`,
        );
    }
    const grown = before === undefined || segment.uri !== null || segment.parts.length >= before.parts.length;
    if (grown && !(segment.parts.length === 0 && (before?.parts.length ?? 0) > 0))
      known.segments.set(number, segment);
    if (segment.discontinuity) discontinuity += 1;
    // In a delta update the skipped segments may hold discontinuities that do not show.
    if (playlist.skipped > 0) continue;
    const counted = known.discontinuity.get(number);
    if (counted !== undefined && counted !== discontinuity) {
      fault(
        'RFC 8216bis §6.2.2',
        'a segment keeps its discontinuity sequence number',
        `${number}: ${counted} became ${discontinuity}`,
      );
    }
    known.discontinuity.set(number, discontinuity);
  }
  for (const range of playlist.dateRanges) {
    const { ID: id = '' } = range;
    const before = known.ranges.get(id) ?? {};
    for (const [name, value] of Object.entries(before)) {
      if (range[name] !== value) {
        fault(
          'RFC 8216bis §4.4.5.1',
          'the attributes of a date range never change',
          `${id}: ${name}=${value} became ${range[name]}`,
        );
      }
    }
    known.ranges.set(id, range);
  }
  return found;
}

function describeChange(was: ReadSegment, is: ReadSegment): string | null {
  const change = (what: string, before: unknown, after: unknown): string =>
    `${what} ${String(before)} became ${String(after)}`;
  if (was.dateMs !== is.dateMs) return change('date', was.dateMs, is.dateMs);
  if (was.discontinuity !== is.discontinuity)
    return change('discontinuity', was.discontinuity, is.discontinuity);
  if (was.map !== null && is.map !== null && was.map !== is.map) return change('EXT-X-MAP', was.map, is.map);
  if (was.uri !== null && is.uri !== null) {
    if (was.uri !== is.uri) return change('URI', was.uri, is.uri);
    if (was.durationS !== is.durationS) return change('EXTINF', was.durationS, is.durationS);
    if (was.gap !== is.gap) return change('gap', was.gap, is.gap);
  }
  // A segment's parts leave the playlist together; while some are listed, all are.
  for (let index = 0; index < Math.min(was.parts.length, is.parts.length); index += 1) {
    const [before, after] = [was.parts[index], is.parts[index]];
    const same =
      before?.uri === after?.uri &&
      before?.durationS === after?.durationS &&
      before?.independent === after?.independent &&
      before?.gap === after?.gap;
    if (!same) return change(`part ${index}`, JSON.stringify(before), JSON.stringify(after));
  }
  return null;
}
