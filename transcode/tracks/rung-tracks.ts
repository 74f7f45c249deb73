import type { PlannedRung } from '../ladder-plan.ts';
import type { FrameGrid } from '../timeline/frame-grid.ts';
import { PictureRepeater } from './picture-repeater.ts';
import { type PictureProducer, RungTrack } from './rung-track.ts';
import type { TrackWriter } from './track-writer.ts';

/** What the tracks of a ladder need. */
export type RungTracksOptions = {
  readonly grid: FrameGrid;
  /** Where a rung's pictures go. */
  writerOf(rungId: string): TrackWriter;
  /** Nothing more comes on a track until it is written to again. */
  onTrackAway(rungId: string): void;
};

/** The picture tracks of one broadcast: those that are produced now, and those that are about to end. */
export class RungTracks {
  readonly #options: RungTracksOptions;
  readonly #tracks = new Map<string, RungTrack>();
  /** Where tracks end that are no longer produced, frames. */
  readonly #endAt = new Map<string, number>();

  constructor(options: RungTracksOptions) {
    this.#options = options;
  }

  /** The rungs that have a track. */
  get rungIds(): readonly string[] {
    return [...this.#tracks.keys()];
  }

  /** A rung's track; undefined while it has none. */
  get(rungId: string): RungTrack | undefined {
    return this.#tracks.get(rungId);
  }

  /** A rung's track, made where it has none. It goes on if it was about to end. */
  use(rung: PlannedRung): RungTrack {
    this.#endAt.delete(rung.id);
    let track = this.#tracks.get(rung.id);
    if (track === undefined) {
      const { grid, writerOf } = this.#options;
      const { widthPx, heightPx } = rung;
      track = new RungTrack({
        ...{ widthPx, heightPx, frameTicks: grid.frameTicks, framesPerSegment: grid.framesPerSegment },
        writer: writerOf(rung.id),
        repeater: new PictureRepeater(),
      });
      this.#tracks.set(rung.id, track);
    }
    return track;
  }

  /** Lets a track end before a frame, which begins a segment; an end that was set before stays. */
  endAt(rungId: string, frame: number): void {
    if (!this.#endAt.has(rungId)) this.#endAt.set(rungId, frame);
  }

  /** Lets a track that is produced again go on. */
  keep(rungId: string): void {
    this.#endAt.delete(rungId);
  }

  /** Ends the tracks whose end comes before a frame: what is missing up to it repeats the last picture. */
  finishBefore(frame: number): void {
    for (const [rungId, end] of this.#endAt) {
      if (frame < end) continue;
      this.#tracks.get(rungId)?.holdTo(end);
      this.#tracks.delete(rungId);
      this.#endAt.delete(rungId);
      this.#options.onTrackAway(rungId);
    }
  }

  /**
   * Repeats the last picture of each track up to a frame.
   *
   * @param dueFrame for tracks that nobody is about to take over before it
   * @param latestFrame for all tracks
   */
  holdTo(dueFrame: number, latestFrame: number): void {
    for (const track of this.#tracks.values()) {
      const expected = track.expectedFrame ?? Number.POSITIVE_INFINITY;
      track.holdTo(Math.max(Math.min(dueFrame, expected), latestFrame));
    }
  }

  /** The lowest frame that is to be written next; Infinity before the first. */
  get oldestHead(): number {
    return Math.min(...[...this.#tracks.values()].map(({ head }) => head ?? Number.POSITIVE_INFINITY));
  }

  /** Whether a producer's pictures are in any track now. */
  isProducing(producer: PictureProducer): boolean {
    return [...this.#tracks.values()].some((track) => track.producer === producer);
  }

  /** Forgets a producer that ended. */
  forget(producer: PictureProducer): void {
    for (const track of this.#tracks.values()) track.forget(producer);
  }
}
