import { type ChannelConfig, rungId } from '../../config/schema.ts';
import { AUDIO_SAMPLE_RATE_HZ } from '../../shared/grid.ts';
import type { RenditionInfo } from '../packager/media.ts';

/**
 * What a channel's renditions are going to be, as far as the configuration tells: a 16:9 picture at 25 fps.
 *
 * @returns video best first, then sound
 */
export function nominalRenditions({ ladder }: ChannelConfig): RenditionInfo[] {
  const rungs =
    ladder.mode === 'passthrough'
      ? [{ id: 'source', height: 720, videoKbps: 2500 }]
      : ladder.rungs.map(({ height, videoKbps }) => ({ id: rungId(height), height, videoKbps }));
  const video = rungs
    .toSorted((a, b) => b.height - a.height)
    .map(
      ({ id, height, videoKbps }): RenditionInfo => ({
        id,
        kind: 'video',
        codec: height > 720 ? 'avc1.640028' : 'avc1.64001f',
        widthPx: Math.round((height * 16) / 9 / 2) * 2,
        heightPx: height,
        frameRate: 25,
        sampleRateHz: 0,
        channels: 0,
        peakBps: videoKbps * 1250,
        averageBps: videoKbps * 1000,
      }),
    );
  const audio: RenditionInfo = {
    id: 'audio',
    kind: 'audio',
    codec: 'mp4a.40.2',
    widthPx: 0,
    heightPx: 0,
    frameRate: 0,
    sampleRateHz: AUDIO_SAMPLE_RATE_HZ,
    channels: 2,
    peakBps: ladder.audioKbps * 1100,
    averageBps: ladder.audioKbps * 1000,
  };
  return [...video, audio];
}
