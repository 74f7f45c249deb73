import { byPath, type Snapshot, violationIn } from './snapshot.ts';
import type { Violation } from './violation.ts';

/** Dates of one segment number in two renditions may differ by this much where both are cut on one grid, ms. */
const DATE_TOLERANCE_MS = 50;

/**
 * Checks the renditions of a channel against each other.
 *
 * @param renditions paths of all media playlists of the channel
 * @param cutOnGrid false for passthrough, whose pictures are cut at keyframes and whose sound is not
 * @see RFC 8216bis §6.2.4, §4.4.5.4
 */
export function checkRenditions(
  snapshots: readonly Snapshot[],
  renditions: readonly string[],
  cutOnGrid: boolean,
): Violation[] {
  return [
    ...checkSameControl(snapshots),
    ...checkSameTimeline(snapshots, cutOnGrid),
    ...checkReports(snapshots, renditions),
  ];
}

function checkSameControl(snapshots: readonly Snapshot[]): Violation[] {
  const found: Violation[] = [];
  const [first] = snapshots;
  for (const { exchange, playlist } of [...byPath(snapshots).values()].flatMap((group) =>
    group.slice(0, 1),
  )) {
    for (const tag of ['SERVER-CONTROL', 'TARGETDURATION'] as const) {
      const [want, is] = [first?.playlist.single[tag], playlist.single[tag]];
      const rule = `${tag} is the same in every media playlist`;
      if (want !== is) found.push(violationIn(exchange, 'RFC 8216bis §6.2.4', rule, `${want} and ${is}`));
    }
  }
  return found;
}

/** One mapping of dates, and one count of discontinuities, in all renditions. */
function checkSameTimeline(snapshots: readonly Snapshot[], cutOnGrid: boolean): Violation[] {
  const found: Violation[] = [];
  const seen = new Map<number, { dateMs: number | null; discontinuity: number; path: string }>();
  for (const { exchange, playlist, path } of snapshots) {
    if (playlist.skipped > 0) continue;
    let discontinuity = playlist.discontinuitySequence;
    for (const segment of playlist.segments) {
      if (segment.discontinuity) discontinuity += 1;
      const other = seen.get(segment.number);
      if (other === undefined) {
        seen.set(segment.number, { dateMs: segment.dateMs, discontinuity, path });
        continue;
      }
      if (other.path === path) continue;
      const offMs = (segment.dateMs ?? Number.NaN) - (other.dateMs ?? Number.NaN);
      if (cutOnGrid && !(Math.abs(offMs) <= DATE_TOLERANCE_MS)) {
        const detail = `${segment.number}: ${offMs} ms apart`;
        found.push(
          violationIn(exchange, 'RFC 8216bis §6.2.4', 'one mapping of dates in all renditions', detail),
        );
      }
      if (discontinuity !== other.discontinuity) {
        const detail = `${segment.number}: ${discontinuity} here, ${other.discontinuity} in ${other.path}`;
        const rule = 'discontinuity sequence numbers match in all renditions';
        found.push(violationIn(exchange, 'RFC 8216bis §6.2.4', rule, detail));
      }
    }
  }
  return found;
}

function checkReports(snapshots: readonly Snapshot[], renditions: readonly string[]): Violation[] {
  const found: Violation[] = [];
  const partCounts = wholePartCounts(snapshots);
  for (const { exchange, playlist, path } of snapshots) {
    const fault = (section: string, rule: string, detail: string): number =>
      found.push(violationIn(exchange, section, rule, detail));
    const reported = new Map(
      playlist.reports.map((report) => [fileName(report['URI'] ?? ''), report] as const),
    );
    for (const rendition of renditions) {
      if (rendition !== path && !reported.has(fileName(rendition)) && !playlist.ended) {
        fault('RFC 8216bis B.1', 'an EXT-X-RENDITION-REPORT for every other rendition', fileName(rendition));
      }
    }
    for (const [name, report] of reported) {
      const section = 'RFC 8216bis §4.4.5.4';
      if (/^([a-z]+:|\/)/.test(report['URI'] ?? ''))
        fault(section, 'the URI of a report is relative', report['URI'] ?? '');
      if (name === fileName(path)) fault('RFC 8216bis B.1', 'no report of the playlist itself', name);
      const [number, part] = [
        Number(report['LAST-MSN'] ?? Number.NaN),
        Number(report['LAST-PART'] ?? Number.NaN),
      ];
      if (!Number.isInteger(number) || !Number.isInteger(part)) {
        fault(section, 'a report has LAST-MSN and LAST-PART', JSON.stringify(report));
        continue;
      }
      const count = partCounts.get(`${name} ${number}`);
      if (count !== undefined && part >= count) {
        fault(section, 'LAST-PART is zero-based', `${name}: part ${part} of ${number}, which has ${count}`);
      }
    }
  }
  return found;
}

/** How many parts each segment has, by `{file} {number}`, for those that were seen whole and with parts. */
function wholePartCounts(snapshots: readonly Snapshot[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, playlist } of snapshots) {
    for (const segment of playlist.segments) {
      if (segment.uri !== null && segment.parts.length > 0) {
        counts.set(`${fileName(path)} ${segment.number}`, segment.parts.length);
      }
    }
  }
  return counts;
}

function fileName(path: string): string {
  return path.split('?', 1)[0]?.split('/').at(-1) ?? '';
}
