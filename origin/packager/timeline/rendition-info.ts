import { displaySize } from '../../../media/codec/picture-format.ts';
import type { ChannelTimeline } from './channel-timeline.ts';
import type { RenditionInfo, Segment } from '../media.ts';
import { SLATE } from '../feed/slate-feed.ts';

/**
 * What the multivariant playlist and the MPD say of each rendition.
 *
 * While a broadcast is on air: the renditions that its feed has, with measured rates. Before and after it, and while it has no
 * pictures: those of the configured ladder, because a player reads the multivariant playlist once and does not reload it.
 *
 * @param nominal by rendition id, from the configuration
 * @param away rungs of the broadcast that its encoder does not make at the moment
 */
export function describeRenditions(
  timeline: ChannelTimeline,
  nominal: ReadonlyMap<string, RenditionInfo>,
  away: readonly string[] = [],
): RenditionInfo[] {
  const decision = timeline.decision(timeline.newestDecided);
  const onAir = decision?.feed;
  if (decision === undefined || onAir === undefined || onAir.kind === SLATE) return [...nominal.values()];
  const infos: RenditionInfo[] = [];
  for (const { id, kind, segments } of timeline.view().renditions) {
    const choice = decision.choice.get(id);
    const shown = choice?.fromSlate === false ? onAir.tracks.get(choice.track) : undefined;
    // One that is away for a while is described as it is when it is there.
    const track = shown === undefined ? undefined : (onAir.tracks.get(id) ?? shown);
    const expected = nominal.get(id);
    if (track === undefined) {
      // Sound is listed whatever the feed has: silence fills it.
      if (kind === 'audio' && expected !== undefined) infos.push(expected);
      continue;
    }
    if (kind === 'video' && track.name !== id) {
      // A rung that repeats a lower one is not offered, unless it is to come: players read this playlist once.
      if (away.includes(id) && expected !== undefined) infos.push(expected);
      continue;
    }
    const { codec, sampleRateHz, channels } = track.init;
    const { widthPx, heightPx } = displaySize(track.init, track.init.pixelAspect ?? null);
    const rates = measure(segments.filter(({ init }) => init.hash === track.init.hash));
    infos.push({
      id,
      kind,
      codec,
      widthPx,
      heightPx,
      frameRate: track.frameRate,
      sampleRateHz,
      channels,
      ...(track.captions.length === 0 ? {} : { captions: track.captions }),
      // The first segments are no measure yet: the configured rate is the minimum, so that the figures do not jump.
      peakBps: Math.max(rates.peakBps, expected?.peakBps ?? 0, 1),
      averageBps: rates.averageBps || expected?.averageBps || 1,
    });
  }
  // A feed whose pictures have not come yet: players that join now read this playlist only once.
  if (infos.some(({ kind }) => kind === 'video')) return infos;
  return [...nominal.values()].map((info) => infos.find(({ id }) => id === info.id) ?? info);
}

/** Bit rates over whole segments (RFC 8216bis §4.4.6.2: peak and average segment bit rate). */
function measure(segments: readonly Segment[]): { peakBps: number; averageBps: number } {
  let peakBps = 0;
  let bits = 0;
  let seconds = 0;
  for (const { closed, gap, durationTicks, init, parts } of segments) {
    if (!closed || gap || durationTicks <= 0) continue;
    const segmentBits = parts.reduce((sum, part) => sum + part.bytes.length * 8, 0);
    const segmentSeconds = durationTicks / init.timescaleHz;
    peakBps = Math.max(peakBps, Math.ceil(segmentBits / segmentSeconds));
    bits += segmentBits;
    seconds += segmentSeconds;
  }
  return { peakBps, averageBps: seconds === 0 ? 0 : Math.ceil(bits / seconds) };
}
