import type { Sample } from '../../../media/bmff/sample.ts';
import type { TrackInit } from '../../../origin/packager/media.ts';
import type { SlateTrack } from '../../../origin/packager/feed/slate-reel.ts';
import { SlateReel } from '../../../origin/packager/feed/slate-reel.ts';

/** The segment number to start from. */
export const START_NUMBER = 1_000_000;
/** Where it begins, UTC milliseconds. */
export const START_MS = START_NUMBER * 1600;

/** An init segment that was never encoded; its hash is its name. */
export function syntheticInit(name: string, kind: 'video' | 'audio', heightPx = 360): TrackInit {
  const isVideo = kind === 'video';
  return {
    kind,
    timescaleHz: isVideo ? 90_000 : 48_000,
    trackId: 1,
    codec: isVideo ? 'avc1.64001f' : 'mp4a.40.2',
    widthPx: isVideo ? (heightPx * 16) / 9 : 0,
    heightPx: isVideo ? heightPx : 0,
    sampleRateHz: isVideo ? 0 : 48_000,
    channels: isVideo ? 0 : 2,
    defaultDurationTicks: 0,
    defaultSizeBytes: 0,
    defaultFlags: 0,
    bytes: Buffer.from(`init ${name}`),
    hash: name,
  };
}

/**
 * Samples of a track in decode order: 25 frames a second with a sync sample every D, or AAC frames.
 *
 * @param fromMs UTC milliseconds, on the sample grid
 * @param toMs exclusive
 * @param mark a byte that tells feeds apart
 */
export function syntheticSamples(init: TrackInit, fromMs: number, toMs: number, mark = 0): Sample[] {
  const durationTicks = init.kind === 'video' ? 3600 : 1024;
  const firstIndex = Math.ceil((fromMs * init.timescaleHz) / 1000 / durationTicks - 1e-6);
  const endIndex = Math.ceil((toMs * init.timescaleHz) / 1000 / durationTicks - 1e-6);
  const samples: Sample[] = [];
  for (let index = firstIndex; index < endIndex; index += 1) {
    samples.push({
      decodeTicks: index * durationTicks,
      durationTicks,
      compositionOffsetTicks: 0,
      isSync: init.kind === 'audio' || index % 40 === 0,
      data: Buffer.from([mark, index % 251]),
    });
  }
  return samples;
}

/** A slate of one picture track and silence. */
export function syntheticSlate(partTargetMs = 200, gridUnits = 1): SlateReel {
  const track = (name: string, kind: 'video' | 'audio'): SlateTrack => {
    const init = syntheticInit(name, kind);
    return { name, init, samples: syntheticSamples(init, 0, 1600, 255) };
  };
  return new SlateReel(
    [track('slate-picture', 'video'), track('slate-silence', 'audio')],
    partTargetMs,
    gridUnits,
    30,
  );
}
