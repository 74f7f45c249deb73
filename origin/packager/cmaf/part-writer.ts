import type { Sample } from '../../../media/bmff/sample.ts';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import type { TrackInit } from '../media.ts';

/** What one part is written from. */
export type PartContent = {
  readonly init: TrackInit;
  /** mfhd's number, 0 to 2^32 - 1. */
  readonly sequenceNumber: number;
  /** At least one; each begins where the one before it ends. */
  readonly samples: readonly Sample[];
};

/**
 * Writes a part: one CMAF chunk and nothing else.
 *
 * There is no styp: it is optional in CMAF and DASH, parts follow each other in one segment, and no player needs it.
 * There is no prft: a part must come to the same bytes after a restart.
 *
 * @returns the bytes, in one allocation of their own; owned by the caller
 * @throws {MediaError} `bad-cmaf` for no samples, or samples with time between them
 */
export function writePart({ init, sequenceNumber, samples }: PartContent): Buffer {
  return writeFragment({ trackId: init.trackId, sequenceNumber, samples });
}
