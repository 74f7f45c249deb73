import { type ReadPlaylist, type ReadSegment, readAttributes } from './playlist-reader.ts';

/** A rule that one playlist breaks by itself. */
export type Finding = { readonly section: string; readonly rule: string; readonly detail: string };

/** Decimals of a playlist are rounded to the microsecond or to the millisecond; a sum of some is less exact. */
const ROUNDING_S = 0.002;

/**
 * Checks one media playlist by itself.
 *
 * @returns what it breaks; empty for nothing
 * @see RFC 8216bis §4.4; HLS Authoring Specification
 */
export function checkPlaylist(playlist: ReadPlaylist): Finding[] {
  return [
    ...checkHeader(playlist),
    ...checkServerControl(playlist),
    ...playlist.segments.flatMap((segment, index) => checkSegment(playlist, segment, index)),
    ...checkDates(playlist),
    ...checkTail(playlist),
  ];
}

function checkHeader({ lines, single, repeated, segments, skipped }: ReadPlaylist): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail });
  if (lines[0] !== '#EXTM3U')
    fault('RFC 8216bis §4.4.1.1', 'the first line is EXTM3U', lines[0] ?? '(empty)');
  for (const tag of repeated) fault('RFC 8216bis §4.4.3', 'a media playlist tag stands once', tag);
  const version = Number(single['VERSION'] ?? 1);
  if (skipped > 0 && version < 9)
    fault('RFC 8216bis §8', 'EXT-X-SKIP asks for version 9', `VERSION ${version}`);
  if (version < 6) fault('RFC 8216bis §8', 'EXT-X-MAP asks for version 6', `VERSION ${version}`);
  const target = single['TARGETDURATION'] ?? '';
  if (!/^\d+$/.test(target)) fault('RFC 8216bis §4.4.3.1', 'TARGETDURATION is a whole number', target);
  for (const { number, durationS, uri } of segments) {
    if (uri !== null && !(Math.round(durationS) <= Number(target))) {
      fault(
        'RFC 8216bis §4.4.3.1',
        'EXTINF rounds to the target duration at most',
        `${number}: ${durationS} s`,
      );
    }
  }
  if (!('DISCONTINUITY-SEQUENCE' in single)) {
    fault(
      'HLS Authoring Specification 8.17',
      'DISCONTINUITY-SEQUENCE where discontinuities can happen',
      'none',
    );
  }
  return found;
}

function checkServerControl({ single, ended }: ReadPlaylist): Finding[] {
  const found: Finding[] = [];
  if (ended) return found;
  const control = readAttributes(single['SERVER-CONTROL'] ?? '');
  const target = Number(single['TARGETDURATION'] ?? Number.NaN);
  const partTarget = Number(readAttributes(single['PART-INF'] ?? '')['PART-TARGET'] ?? Number.NaN);
  const section = 'RFC 8216bis §4.4.3.8';
  const atLeast = (name: string, least: number, where: string, rule: string): void => {
    const value = Number(control[name] ?? Number.NaN);
    if (!(value >= least - 1e-9)) found.push({ section: where, rule, detail: `${name}=${control[name]}` });
  };
  if (control['CAN-BLOCK-RELOAD'] !== 'YES') {
    found.push({ section, rule: 'CAN-BLOCK-RELOAD=YES', detail: single['SERVER-CONTROL'] ?? 'no tag' });
  }
  if (!(partTarget > 0)) {
    found.push({
      section: 'RFC 8216bis §4.4.3.7',
      rule: 'EXT-X-PART-INF where there are parts',
      detail: 'none',
    });
  }
  atLeast('CAN-SKIP-UNTIL', 6 * target, section, 'CAN-SKIP-UNTIL is six target durations at least');
  atLeast('HOLD-BACK', 3 * target, section, 'HOLD-BACK is three target durations at least');
  const apple = 'HLS Authoring Specification 14.3';
  atLeast('PART-HOLD-BACK', 3 * partTarget, apple, 'PART-HOLD-BACK is three part targets at least');
  return found;
}

function checkSegment(playlist: ReadPlaylist, segment: ReadSegment, index: number): Finding[] {
  const found: Finding[] = [];
  const { number, parts, uri } = segment;
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail: `${number}: ${detail}` });
  const partTarget = Number(readAttributes(playlist.single['PART-INF'] ?? '')['PART-TARGET'] ?? Number.NaN);
  parts.forEach((part, at) => {
    if (part.durationS > partTarget + 1e-6) {
      fault(
        'RFC 8216bis §4.4.4.9',
        'a part lasts the part target at most',
        `part ${at}, ${part.durationS} s`,
      );
    }
    // Whether the newest part is the last of its segment shows in a later playlist only.
    const isLast = at === parts.length - 1;
    const exempt = isLast || part.gap || parts[at + 1]?.gap === true;
    if (!exempt && part.durationS < 0.85 * partTarget - 1e-6) {
      fault(
        'RFC 8216bis §4.4.4.9',
        'a part lasts 85 % of the part target at least',
        `part ${at}, ${part.durationS} s`,
      );
    }
    if (segment.gap && !part.gap) fault('RFC 8216bis §4.4.4.9', 'parts of a gap have GAP=YES', `part ${at}`);
  });
  for (const tag of segment.lateTags)
    fault('RFC 8216bis §4.4.4.9', `${tag} comes before the first part`, tag);
  const ofParts = parts.reduce((sum, part) => sum + part.durationS, 0);
  if (uri !== null && parts.length > 0 && Math.abs(ofParts - segment.durationS) > ROUNDING_S) {
    fault(
      'RFC 8216bis §3.2',
      'the parts of a segment are the segment',
      `parts ${ofParts} s, EXTINF ${segment.durationS} s`,
    );
  }
  if (segment.map === null && playlist.skipped === 0) {
    fault('RFC 8216bis §4.4.4.5', 'fragmented MP4 has an EXT-X-MAP', 'none');
  }
  if (segment.discontinuity && !segment.ownMap) {
    fault('RFC 8216bis §4.4.4.5', 'the EXT-X-MAP again after a discontinuity', 'none');
  }
  if (segment.dateMs === null || Number.isNaN(segment.dateMs)) {
    fault('RFC 8216bis §6.2.4', 'EXT-X-PROGRAM-DATE-TIME at every segment', `index ${index}`);
  }
  if ('INDEPENDENT-SEGMENTS' in playlist.single && parts[0]?.gap === false && !parts[0].independent) {
    fault(
      'RFC 8216bis §4.4.2.1',
      'INDEPENDENT-SEGMENTS holds for every segment',
      'part 0 is not independent',
    );
  }
  return found;
}

/** Dates follow durations from segment to segment, but for a discontinuity. */
function checkDates({ segments }: ReadPlaylist): Finding[] {
  return segments.flatMap((segment, index) => {
    const before = segments[index - 1];
    if (before === undefined || segment.discontinuity || before.dateMs === null || segment.dateMs === null)
      return [];
    const offMs = segment.dateMs - before.dateMs - before.durationS * 1000;
    if (Math.abs(offMs) <= 2) return [];
    return [
      {
        section: 'RFC 8216bis §6.2.4',
        rule: 'dates and durations are one mapping',
        detail: `${segment.number}: its date is ${offMs.toFixed(1)} ms off the segment before it`,
      },
    ];
  });
}

function checkTail({ segments, hints, ended, dateRanges }: ReadPlaylist): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail });
  const parts = hints.filter((hint) => hint['TYPE'] === 'PART');
  if (parts.length > 1) fault('RFC 8216bis §6.2.6', 'one EXT-X-PRELOAD-HINT of a type', `${parts.length}`);
  if (ended && parts.length > 0)
    fault('RFC 8216bis §4.4.5.3', 'no hint after EXT-X-ENDLIST', parts[0]?.['URI'] ?? '');
  for (const { URI: uri = '' } of parts) {
    if (segments.some((segment) => segment.parts.some((part) => part.uri === uri))) {
      fault('RFC 8216bis §6.2.6', 'a hint names a part that is still to come', uri);
    }
  }
  const ids = new Set<string>();
  for (const range of dateRanges) {
    const { ID: id = '' } = range;
    if (id === '' || Number.isNaN(Date.parse(range['START-DATE'] ?? ''))) {
      fault('RFC 8216bis §4.4.5.1', 'EXT-X-DATERANGE has ID and START-DATE', JSON.stringify(range));
    }
    if (ids.has(id)) fault('RFC 8216bis §4.4.5.1', 'a date range stands once', id);
    ids.add(id);
    if (Date.parse(range['END-DATE'] ?? '') < Date.parse(range['START-DATE'] ?? '')) {
      fault('RFC 8216bis §4.4.5.1', 'END-DATE is not before START-DATE', id);
    }
  }
  return found;
}
