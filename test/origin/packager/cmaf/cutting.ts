import type { Sample } from '../../../../media/bmff/sample.ts';
import { readFragment } from '../../../../media/bmff/fragment-reader.ts';
import type { CutEvent, TrackInit } from '../../../../origin/packager/media.ts';
import { Segmenter, type SegmenterOptions } from '../../../../origin/packager/segmenter/segmenter.ts';
import { VIDEO } from './tracks.ts';

/** A segment number. */
export const K = 1_100_000_000;
/** Its start in ticks of 90,000 Hz. */
export const START_90K = K * 144_000;
/** Its start in ticks of 48,000 Hz. */
export const START_48K = K * 76_800;

/** A segmenter on the grid, of video and with parts of 0.2 s, unless the options say otherwise. */
export function segmenter(options: Partial<SegmenterOptions> = {}): Segmenter {
  return new Segmenter({ init: VIDEO, partTargetMs: 200, gridUnits: 1, cut: 'grid', ...options });
}

/** Pushes samples one by one, as chunks come. */
export function pushEach(cutter: Segmenter, samples: readonly Sample[]): CutEvent[] {
  return samples.flatMap((s) => cutter.push([s]));
}

/** `100/0 18000 I` is part 0 of segment K + 100, 18,000 ticks, independent; `!` marks the last one. */
export function brief(events: readonly CutEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === 'close') return `${event.number - K} closed`;
    const { index, durationTicks, independent } = event.part;
    return `${event.number - K}/${index} ${durationTicks}${independent ? ' I' : ''}${event.last ? '!' : ''}`;
  });
}

/** The samples of all parts, in order. */
export function samplesOf(events: readonly CutEvent[], init: TrackInit = VIDEO): Sample[] {
  return events.flatMap((event) => (event.kind === 'part' ? readFragment(event.part.bytes, init) : []));
}
