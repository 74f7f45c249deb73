import type { FrameGrid } from '../timeline/frame-grid.ts';
import type { GridPicture, PictureProducer } from './rung-track.ts';
import { canBeCopied, type SourcePicture, type SourcePictures } from './source-pictures.ts';

/** Where the publisher's pictures go. */
export type CopyRunOptions = {
  readonly grid: FrameGrid;
  readonly source: SourcePictures;
  /** First frame that comes out: the start of a segment. */
  readonly firstFrame: number;
  onConfig(config: Buffer): void;
  /** @param references what the picture may refer to and that has no frame: for the first one from a keyframe on */
  onPicture(picture: GridPicture, references: readonly GridPicture[]): void;
};

/**
 * Puts the publisher's own pictures on the frame grid, without an encoder.
 *
 * Her keyframes are where her encoder puts them. The first frame therefore comes with all that it refers to, so that a segment
 * begins with a keyframe; later segments may begin with any picture.
 */
export class CopyRun implements PictureProducer {
  readonly frameStep = 1;
  /** First frame that comes out. */
  readonly firstFrame: number;
  readonly #options: CopyRunOptions;
  #nextFrame: number;
  #hasBegun = false;
  /** Decode time of the newest picture, source milliseconds. */
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Pictures that have no frame of their own. */
  #crowded: GridPicture[] = [];

  constructor(options: CopyRunOptions) {
    this.#options = options;
    this.firstFrame = options.firstFrame;
    this.#nextFrame = options.firstFrame;
  }

  /** The next frame that is to come out. */
  get nextFrame(): number {
    return this.#nextFrame;
  }

  /** The publisher has changed her decoder configuration; it is that of the source from now on. */
  configure(): void {
    if (!this.#hasBegun || !this.#isPlayed) return;
    const { source, onConfig } = this.#options;
    if (source.config !== null) onConfig(source.config.data);
  }

  /** Passes a picture through; the source holds it already. */
  push(picture: SourcePicture): void {
    if (!this.#isPlayed) return;
    const placed = this.#place(picture);
    if (this.#hasBegun && picture.timeMs <= this.#lastMs) return;
    if (placed.frame < this.#nextFrame) {
      // Two pictures of one frame: later ones may refer to this one, so it is decoded with the next.
      if (this.#hasBegun) this.#crowded.push(placed);
      this.#lastMs = picture.timeMs;
      return;
    }
    const references = this.#hasBegun ? this.#crowded : this.#begin(picture);
    this.#crowded = [];
    this.#hasBegun = true;
    this.#lastMs = picture.timeMs;
    this.#nextFrame = placed.frame + 1;
    this.#options.onPicture(placed, references);
  }

  /** Her codec may have become one in mid class that tracks of a ladder do not carry. */
  get #isPlayed(): boolean {
    return canBeCopied(this.#options.source.config);
  }

  #begin(first: SourcePicture): GridPicture[] {
    const { source, onConfig } = this.#options;
    if (source.config !== null) onConfig(source.config.data);
    return source.group.filter((picture) => picture !== first).map((picture) => this.#place(picture));
  }

  #place({ timeMs, compositionOffsetMs, isSync, data }: SourcePicture): GridPicture {
    const { grid } = this.#options;
    const frame = grid.frameAt(timeMs);
    const compositionFrames =
      compositionOffsetMs === 0 ? 0 : grid.frameAt(timeMs + compositionOffsetMs) - frame;
    return { frame, compositionFrames, isSync, data };
  }
}
