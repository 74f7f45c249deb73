import type { Sample } from '../../../media/bmff/sample.ts';
import { segmentTicks } from '../../../shared/grid.ts';
import type { Part, TrackInit } from '../media.ts';
import { Segmenter } from '../segmenter/segmenter.ts';
import type { TrackSegment } from './feed-track.ts';

/** One track of the slate: exactly one D of samples, their decode times counted from 0. */
export type SlateTrack = {
  readonly name: string;
  readonly init: TrackInit;
  readonly samples: readonly Sample[];
};

/**
 * The slate's segments: a loop of one D, repeated on the grid. They are a pure function of the segment number, so origins
 * agree on every byte, and one reel serves all channels of the same part target and grid.
 */
export class SlateReel {
  readonly tracks: readonly SlateTrack[];
  readonly gridUnits: number;
  readonly #partTargetMs: number;
  readonly #retainedSegments: number;
  readonly #made = new Map<string, TrackSegment>();

  /** @param retainedSegments how many segments of each track are cached */
  constructor(
    tracks: readonly SlateTrack[],
    partTargetMs: number,
    gridUnits: number,
    retainedSegments: number,
  ) {
    this.tracks = tracks;
    this.gridUnits = gridUnits;
    this.#partTargetMs = partTargetMs;
    this.#retainedSegments = retainedSegments;
  }

  /** The whole segment of a number. */
  segment(track: SlateTrack, number: number): TrackSegment {
    const key = `${track.name}/${number}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = { init: track.init, parts: this.#cut(track, number), closed: true };
    this.#made.set(key, made);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= this.#retainedSegments * this.tracks.length) break;
      this.#made.delete(oldest);
    }
    return made;
  }

  #cut(track: SlateTrack, number: number): Part[] {
    const { init } = track;
    const segmenter = new Segmenter({
      init,
      partTargetMs: this.#partTargetMs,
      gridUnits: this.gridUnits,
      cut: 'grid',
    });
    const loopTicks = segmentTicks(init.timescaleHz);
    const parts: Part[] = [];
    for (let loop = 0; loop < this.gridUnits; loop += 1) {
      const offset = (number * this.gridUnits + loop) * loopTicks;
      const samples = track.samples.map((sample) => ({
        ...sample,
        decodeTicks: sample.decodeTicks + offset,
      }));
      for (const event of segmenter.push(samples)) {
        if (event.kind === 'part') parts.push(event.part);
      }
    }
    return parts;
  }
}
