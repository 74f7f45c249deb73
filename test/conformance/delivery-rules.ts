import { pathOf, resolveUri, type Snapshot, violationIn } from './snapshot.ts';
import type { Exchange, Violation } from './violation.ts';

/** An init segment, segment or part as a client fetched it. */
export type MediaProbe = Omit<Exchange, 'text'> & {
  /** Media time of its first sample by its own tfdt, UTC milliseconds; null or left out where it was not read. */
  readonly mediaTimeMs?: number | null;
};

/** A date may be this far from the media time that it stands for, milliseconds. */
const DATE_TOLERANCE_MS = 50;

/**
 * Checks the HTTP side of playlists.
 *
 * @see HLS Authoring Specification 8.18, 10.1; RFC 8216bis §4
 */
export function checkPlaylistHeaders(history: readonly Exchange[]): Violation[] {
  return history.flatMap((exchange) => {
    const found: Violation[] = [];
    const { status, headers, text } = exchange;
    const fault = (section: string, rule: string, detail: string): number =>
      found.push(violationIn(exchange, section, rule, detail));
    if (status >= 300 && status < 400) fault('HLS Authoring Specification 8.18', 'no redirects', `${status}`);
    if (status !== 200 || !text.startsWith('#EXTM3U')) return found;
    const type = headers['content-type'] ?? '';
    if (!/^(application\/vnd\.apple\.mpegurl|audio\/mpegurl)\b/i.test(type)) {
      fault('RFC 8216bis §4', 'a playlist is application/vnd.apple.mpegurl', type);
    }
    if (headers['content-encoding'] !== 'gzip') {
      fault(
        'HLS Authoring Specification 10.1',
        'playlists are gzipped',
        headers['content-encoding'] ?? 'none',
      );
    }
    if ('set-cookie' in headers || !/max-age=\d+/.test(headers['cache-control'] ?? '')) {
      fault('RFC 8216bis §6.2.1', 'a playlist can be cached', headers['cache-control'] ?? 'no Cache-Control');
    }
    return found;
  });
}

/**
 * Checks that what playlists list can be fetched, and that its dates are its media times.
 *
 * @param media fetches of segments and parts, in any order
 * @see RFC 8216bis §6.2.1, §6.2.2
 */
export function checkAvailability(snapshots: readonly Snapshot[], media: readonly MediaProbe[]): Violation[] {
  const found: Violation[] = [];
  const listed = listedMedia(snapshots);
  for (const probe of media) {
    const entry = listed.get(pathOf(probe.url));
    if (entry === undefined || entry.gap) continue;
    const fault = (section: string, rule: string, detail: string): number =>
      found.push(violationIn(probe, section, rule, detail));
    const sentMs = probe.sentMs ?? probe.atMs;
    const sound = probe.status === 200 || probe.status === 206;
    if (!sound && sentMs >= entry.firstMs && sentMs <= entry.lastMs) {
      fault('RFC 8216bis §6.2.1', 'what is listed is available', `${probe.status}`);
    } else if (!sound && sentMs > entry.lastMs && sentMs <= entry.lastMs + entry.keptMs) {
      const detail = `${probe.status}, ${sentMs - entry.lastMs} ms after it was last listed, of ${entry.keptMs} ms`;
      fault('RFC 8216bis §6.2.2', 'what left the playlist stays available', detail);
    }
    const offMs = (probe.mediaTimeMs ?? Number.NaN) - entry.dateMs;
    if (Math.abs(offMs) > DATE_TOLERANCE_MS) {
      fault('RFC 8216bis §6.2.4', 'the date is the media time', `${offMs.toFixed(1)} ms off`);
    }
  }
  return found;
}

type Listed = {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly gap: boolean;
  readonly dateMs: number;
  /** How long it must be there after it left, milliseconds. */
  readonly keptMs: number;
};

/**
 * "Clients MUST be able to download the Partial Segment for at least three Target Durations after the EXT-X-PART tag is
 * removed"; a segment for its own duration and that of the longest playlist it stood in.
 */
function listedMedia(snapshots: readonly Snapshot[]): Map<string, Listed> {
  const listed = new Map<string, Listed>();
  for (const { exchange, playlist } of snapshots) {
    const partsKeptMs = 3000 * Number(playlist.single['TARGETDURATION'] ?? 0);
    const playlistMs = playlist.segments.reduce((sum, segment) => sum + segment.durationS * 1000, 0);
    const add = (uri: string, gap: boolean, dateMs: number, keptMs: number): void => {
      const key = pathOf(resolveUri(uri, exchange.url));
      const before = listed.get(key);
      listed.set(key, {
        firstMs: before?.firstMs ?? exchange.atMs,
        lastMs: exchange.atMs,
        gap,
        dateMs,
        keptMs: Math.max(keptMs, before?.keptMs ?? 0),
      });
    };
    for (const segment of playlist.segments) {
      let dateMs = segment.dateMs ?? Number.NaN;
      if (segment.uri !== null) add(segment.uri, segment.gap, dateMs, playlistMs + segment.durationS * 1000);
      for (const part of segment.parts) {
        add(part.uri, part.gap, dateMs, partsKeptMs);
        dateMs += part.durationS * 1000;
      }
    }
  }
  return listed;
}
