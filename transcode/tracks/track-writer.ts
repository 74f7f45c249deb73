import { writeFragment } from '../../media/bmff/fragment-writer.ts';
import type { Sample } from '../../media/bmff/sample.ts';
import { type EncodedTrack, ONLY_TRACK_ID, writeTrackHeader } from '../../media/bmff/track-header.ts';

/** One CMAF chunk of one frame, for the origins. */
export type TrackChunk = {
  /** Its init segment; the same object until the configuration changes. */
  readonly init: Buffer;
  /** moof and mdat. */
  readonly bytes: Buffer;
  /** Decode time since the epoch and duration, milliseconds; may have a fraction. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly isSync: boolean;
};

/** Wraps the frames of one track into chunks. */
export class TrackWriter {
  readonly #push: (chunk: TrackChunk) => void;
  #init: Buffer | null = null;
  #timescaleHz = 1;
  #sequence = 0;
  #headMs: number | null = null;

  /** @param push receives each chunk and owns its bytes */
  constructor(push: (chunk: TrackChunk) => void) {
    this.#push = push;
  }

  /** True once frames can be written. */
  get isConfigured(): boolean {
    return this.#init !== null;
  }

  /** End of the newest frame, UTC milliseconds; null before the first. */
  get headMs(): number | null {
    return this.#headMs;
  }

  /** Sets the decoder configuration of the following frames. Repeating the same one changes nothing. */
  configure(config: EncodedTrack): void {
    const init = writeTrackHeader(config);
    this.#timescaleHz = config.timescaleHz;
    if (this.#init === null || !this.#init.equals(init)) this.#init = init;
  }

  /** Writes a frame. Dropped before the first configuration. */
  write(frame: Sample): void {
    if (this.#init === null) return;
    const startMs = (frame.decodeTicks * 1000) / this.#timescaleHz;
    const durationMs = (frame.durationTicks * 1000) / this.#timescaleHz;
    this.#headMs = startMs + durationMs;
    this.#push({
      init: this.#init,
      bytes: writeFragment({ trackId: ONLY_TRACK_ID, sequenceNumber: ++this.#sequence, samples: [frame] }),
      ...{ startMs, durationMs },
      isSync: frame.isSync,
    });
  }
}
