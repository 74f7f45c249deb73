import { checkMpdSegments } from './mpd-segment-rules.ts';
import type { Finding } from './playlist-rules.ts';
import { violationIn } from './snapshot.ts';
import type { Exchange, Violation } from './violation.ts';
import { childrenOf, descendants, readXml, type XmlElement } from './xml-reader.ts';

const LOW_LATENCY = 'DASH-IF low-latency change request §9.X.4.2';
const TIME_SCHEMES = ['http-xsdate', 'http-iso', 'http-ntp'].map((name) => `urn:mpeg:dash:utc:${name}:2014`);

/**
 * Checks what a client saw of one channel's MPD over time.
 *
 * @param history answers to requests for the MPD, in any order
 * @returns violations, oldest first
 * @see ISO/IEC 23009-1; DASH-IF IOP, low-latency change request
 */
export function checkMpdHistory(history: readonly Exchange[]): Violation[] {
  const found: Violation[] = [];
  const seen = new Map<string, string>();
  const sorted = history.toSorted((a, b) => a.atMs - b.atMs);
  let lastPublished = '';
  for (const exchange of sorted) {
    const add = ({ section, rule, detail }: Finding): number =>
      found.push(violationIn(exchange, section, rule, detail));
    if (exchange.status !== 200) {
      add({ section: 'ISO/IEC 23009-1 §5.3.1', rule: 'the MPD is there', detail: `${exchange.status}` });
      continue;
    }
    if (!/^application\/dash\+xml\b/.test(exchange.headers['content-type'] ?? '')) {
      const detail = exchange.headers['content-type'] ?? 'none';
      add({ section: 'ISO/IEC 23009-1 annex C', rule: 'an MPD is application/dash+xml', detail });
    }
    let mpd: XmlElement;
    try {
      mpd = readXml(exchange.text);
    } catch (error) {
      add({ section: 'XML 1.0 §2.1', rule: 'an MPD is well-formed', detail: String(error) });
      continue;
    }
    checkMpd(mpd, exchange.atMs).forEach(add);
    for (const [key, value] of constants(mpd)) {
      const before = seen.get(key) ?? value;
      if (before !== value) {
        add({
          section: 'ISO/IEC 23009-1 §5.4',
          rule: `${key.replace(/^.* /, '')} never changes`,
          detail: `${key}: ${before} became ${value}`,
        });
      }
      seen.set(key, value);
    }
    const published = mpd.attributes['publishTime'] ?? '';
    if (Date.parse(published) < Date.parse(lastPublished)) {
      add({
        section: 'ISO/IEC 23009-1 §5.3.1.2',
        rule: '@publishTime never goes back',
        detail: `${lastPublished} became ${published}`,
      });
    }
    lastPublished = published;
  }
  return found;
}

/**
 * Checks one MPD by itself.
 *
 * @param atMs when it came, UTC milliseconds
 */
export function checkMpd(mpd: XmlElement, atMs: number): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail });
  const { attributes } = mpd;
  for (const name of [
    'profiles',
    'minBufferTime',
    'availabilityStartTime',
    'publishTime',
    'minimumUpdatePeriod',
    'maxSegmentDuration',
    'timeShiftBufferDepth',
  ]) {
    if ((attributes[name] ?? '') === '') fault('ISO/IEC 23009-1 §5.3.1.2', `MPD has @${name}`, 'none');
  }
  if (attributes['type'] !== 'dynamic')
    fault('ISO/IEC 23009-1 §5.3.1.2', 'a live MPD is dynamic', attributes['type'] ?? 'none');
  if (!(attributes['profiles'] ?? '').includes('http://www.dashif.org/guidelines/low-latency-live-v5')) {
    fault(
      'DASH-IF low-latency change request §9.X.4.1',
      'the low-latency profile is signalled',
      attributes['profiles'] ?? '',
    );
  }
  if (Date.parse(attributes['publishTime'] ?? '') > atMs + 1000) {
    fault('ISO/IEC 23009-1 §5.3.1.2', '@publishTime is not in the future', attributes['publishTime'] ?? '');
  }
  const latency = descendants(mpd, 'ServiceDescription').flatMap((description) =>
    childrenOf(description, 'Latency'),
  );
  const { target, min, max } = latency[0]?.attributes ?? {};
  if (!(Number(target) > 0)) fault(LOW_LATENCY, 'a ServiceDescription with Latency@target', `${target}`);
  if (Number(min) > Number(target) || Number(max) < Number(target)) {
    fault('ISO/IEC 23009-1 annex K.3', 'Latency: min ≤ target ≤ max', `${min} ${target} ${max}`);
  }
  const timing = childrenOf(mpd, 'UTCTiming').map((element) => element.attributes);
  if (!timing.some(({ schemeIdUri }) => TIME_SCHEMES.includes(schemeIdUri ?? ''))) {
    fault(LOW_LATENCY, 'a UTCTiming of http-xsdate, http-iso or http-ntp', JSON.stringify(timing));
  }
  const periods = childrenOf(mpd, 'Period');
  if (periods.length === 0) fault('ISO/IEC 23009-1 §5.3.1.2', 'at least one Period', '0');
  const ids = periods.map((period) => period.attributes['id'] ?? '');
  if (new Set(ids).size !== ids.length || ids.includes('')) {
    fault('ISO/IEC 23009-1 §5.3.2.2', 'Periods of a dynamic MPD have unique ids', ids.join(' '));
  }
  found.push(...checkPeriodTimes(periods), ...periods.flatMap((period) => checkMpdSegments(mpd, period)));
  return found;
}

/** Periods follow each other; media of one never lies in the next. */
function checkPeriodTimes(periods: readonly XmlElement[]): Finding[] {
  return periods.flatMap((period, index) => {
    const [startS, durationS] = [
      durationOf(period.attributes['start']),
      durationOf(period.attributes['duration']),
    ];
    const nextS = durationOf(periods[index + 1]?.attributes['start']);
    const sound = Number.isFinite(startS) && !(startS + durationS > nextS + 1e-6) && !(nextS <= startS);
    if (sound) return [];
    const detail = `${period.attributes['id']}: ${startS} + ${durationS}, the next at ${nextS}`;
    return [{ section: 'ISO/IEC 23009-1 §5.3.2.1', rule: 'Periods have a start and do not overlap', detail }];
  });
}

/** What must stay as it was once a client may have seen it, by a name for it. */
function constants(mpd: XmlElement): [string, string][] {
  const { availabilityStartTime = '' } = mpd.attributes;
  const fixed: [string, string][] = [['MPD @availabilityStartTime', availabilityStartTime]];
  for (const period of childrenOf(mpd, 'Period')) {
    const at = `Period ${period.attributes['id']}`;
    fixed.push([`${at} @start`, period.attributes['start'] ?? '']);
    if ('duration' in period.attributes) fixed.push([`${at} @duration`, period.attributes['duration'] ?? '']);
    for (const representation of descendants(period, 'Representation')) {
      for (const template of descendants(representation, 'SegmentTemplate')) {
        for (const name of [
          'timescale',
          'duration',
          'startNumber',
          'presentationTimeOffset',
          'media',
          'initialization',
        ]) {
          const key = `${at} ${representation.attributes['id']} SegmentTemplate@${name}`;
          fixed.push([key, template.attributes[name] ?? '']);
        }
      }
    }
  }
  return fixed;
}

/** Seconds of an xs:duration without years and months; NaN for none. */
export function durationOf(text: string | undefined): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text ?? '');
  if (match === null) return Number.NaN;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
