import type { Finding } from './playlist-rules.ts';
import { childrenOf, descendants, type XmlElement } from './xml-reader.ts';

const LOW_LATENCY = 'DASH-IF low-latency change request §9.X.4.3';

/**
 * Checks how a Period's AdaptationSets address their segments.
 *
 * @param mpd the root, for its UTCTiming and Latency
 * @see ISO/IEC 23009-1 §5.3.9; DASH-IF IOP, low-latency change request
 */
export function checkMpdSegments(mpd: XmlElement, period: XmlElement): Finding[] {
  const found: Finding[] = [];
  const sets = childrenOf(period, 'AdaptationSet');
  const where = `Period ${period.attributes['id']}`;
  if (sets.length === 0) {
    found.push({ section: 'ISO/IEC 23009-1 §5.3.2', rule: 'a Period has an AdaptationSet', detail: where });
  }
  for (const set of sets)
    found.push(...checkAdaptationSet(mpd, set, `${where}, AdaptationSet ${set.attributes['id']}`));
  return found;
}

function checkAdaptationSet(mpd: XmlElement, set: XmlElement, where: string): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail: `${where}: ${detail}` });
  const representations = childrenOf(set, 'Representation');
  if (representations.length === 0)
    fault('ISO/IEC 23009-1 §5.3.3', 'an AdaptationSet has a Representation', 'none');
  for (const representation of representations) {
    const { id = '', bandwidth, codecs = '' } = representation.attributes;
    if (id === '' || !(Number(bandwidth) > 0)) {
      fault('ISO/IEC 23009-1 §5.3.5.2', 'a Representation has @id and @bandwidth', `${id} ${bandwidth}`);
    }
    if (codecs === '') fault('ISO/IEC 23009-1 §5.3.7.2', 'a Representation has @codecs', id);
    const template = [
      ...childrenOf(representation, 'SegmentTemplate'),
      ...childrenOf(set, 'SegmentTemplate'),
    ][0];
    if (template === undefined) fault('ISO/IEC 23009-1 §5.3.9.4', 'a SegmentTemplate', id);
    else
      found.push(
        ...checkTemplate(template, `${where}, ${id}`),
        ...checkReferenceTime(mpd, set, representation, template, where),
      );
  }
  const latencyMs = Number(descendants(mpd, 'Latency')[0]?.attributes['target'] ?? Number.NaN);
  const resyncs = [...childrenOf(set, 'Resync'), ...descendants(set, 'Resync')];
  const timescale = Number(descendants(set, 'SegmentTemplate')[0]?.attributes['timescale'] ?? 1);
  if (!resyncs.some(({ attributes }) => (Number(attributes['dT']) / timescale) * 1000 <= latencyMs)) {
    fault(
      'DASH-IF low-latency change request §9.X.4.5',
      'a Resync with a dT below the target latency',
      `${resyncs.length} Resync`,
    );
  }
  return found;
}

function checkTemplate({ attributes, children }: XmlElement, where: string): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail: `${where}: ${detail}` });
  const { media = '', initialization = '', duration, timescale = '1' } = attributes;
  if (media.includes('$Number') === media.includes('$Time')) {
    fault(LOW_LATENCY, '$Number$ or $Time$, and not both', media);
  }
  if (initialization === '') fault('ISO/IEC 23009-1 §5.3.9.5', 'an initialization segment', 'none');
  if (/^([a-z]+:|\/)/.test(media + initialization)) {
    fault('Lectern', 'media URIs are relative', media);
  }
  const hasTimeline = children.some((child) => child.name === 'SegmentTimeline');
  if (!hasTimeline && !(Number(duration) > 0)) {
    fault('ISO/IEC 23009-1 §5.3.9.2', '@duration or a SegmentTimeline', `${duration}`);
  }
  const offset = Number(attributes['availabilityTimeOffset'] ?? Number.NaN);
  const segmentS = Number(duration) / Number(timescale);
  if (!(offset > 0)) fault(LOW_LATENCY, '@availabilityTimeOffset', `${offset}`);
  if (offset >= segmentS)
    fault(LOW_LATENCY, '@availabilityTimeOffset is less than the segment', `${offset} of ${segmentS}`);
  if (attributes['availabilityTimeComplete'] !== 'false') {
    fault(
      LOW_LATENCY,
      '@availabilityTimeComplete is false',
      attributes['availabilityTimeComplete'] ?? 'none',
    );
  }
  return found;
}

function checkReferenceTime(
  mpd: XmlElement,
  set: XmlElement,
  representation: XmlElement,
  template: XmlElement,
  where: string,
): Finding[] {
  const found: Finding[] = [];
  const fault = (rule: string, detail: string): number =>
    found.push({ section: LOW_LATENCY, rule, detail: `${where}: ${detail}` });
  const times = [
    ...childrenOf(set, 'ProducerReferenceTime'),
    ...childrenOf(representation, 'ProducerReferenceTime'),
  ];
  const [time] = times;
  if (time === undefined || (time.attributes['id'] ?? '') === '') {
    fault('a ProducerReferenceTime with an id', `${times.length}`);
    return found;
  }
  if (new Set(times.map(({ attributes }) => attributes['id'])).size !== times.length)
    fault('its id is unique', `${times.length}`);
  const { id, type = '', presentationTime, wallClockTime = '' } = time.attributes;
  if (type !== 'encoder' && type !== 'captured') fault('its type is encoder or captured', type);
  const offset = template.attributes['presentationTimeOffset'] ?? '0';
  if (presentationTime !== offset)
    fault('its presentationTime is @presentationTimeOffset', `${presentationTime}, ${offset}`);
  const reference = descendants(mpd, 'Latency')[0]?.attributes['referenceId'];
  if (reference !== undefined && reference !== id)
    fault('Latency@referenceId names it', `${reference}, ${id}`);
  const [own] = childrenOf(time, 'UTCTiming');
  const [top] = childrenOf(mpd, 'UTCTiming');
  if (
    own === undefined ||
    own.attributes['schemeIdUri'] !== top?.attributes['schemeIdUri'] ||
    own.attributes['value'] !== top?.attributes['value']
  ) {
    fault('its UTCTiming is that of the MPD', JSON.stringify(own?.attributes));
  }
  const startMs = Date.parse(mpd.attributes['availabilityStartTime'] ?? '') + mediaStartMs(template);
  if (Math.abs(Date.parse(wallClockTime) - startMs) > 1)
    fault('its two times are the same moment', wallClockTime);
  return found;
}

/** Media time at the start of the Period, in milliseconds; it is counted from @availabilityStartTime here. */
function mediaStartMs({ attributes }: XmlElement): number {
  return (Number(attributes['presentationTimeOffset'] ?? 0) / Number(attributes['timescale'] ?? 1)) * 1000;
}
