import Hls, { type HlsConfig, type LevelDetails, type MediaFragment } from 'hls.js';

/**
 * By how much a buffered range may fall short of its segment's end, in seconds. Browsers keep media times in whole
 * microseconds: a frame of 1/30 s or of 1024 samples is truncated, and a segment that ends at 32 is buffered to 31.999999.
 */
const CUT_SHORT_S = 0.001;

/** Where hls.js looks for a fragment: the end of the buffer and the end of the playlist, in seconds. */
type Position = [bufferEndS: number, endS: number, details: LevelDetails];

function pastRounding([bufferEndS, endS, details]: Position): Position {
  return [bufferEndS + CUT_SHORT_S, endS, details];
}

const { streamController, audioStreamController } = Hls.DefaultConfig;

/**
 * hls.js's controllers of picture and sound, which here take a segment as complete where it is buffered to its end but for
 * rounding.
 *
 * Unchanged, they look for the fragment at the buffer's end and find the one that is already complete. They skip it
 * once all its parts were loaded; but a player that joined in the middle of a segment never loads its first parts, and
 * would wait at its end until its parts leave the playlist, some seconds later.
 */
export const segmentEndControllers: Partial<HlsConfig> = {
  streamController: class extends streamController {
    protected override getFragmentAtPosition(...position: Position): MediaFragment | null {
      return super.getFragmentAtPosition(...pastRounding(position));
    }
  },
  ...(audioStreamController && {
    audioStreamController: class extends audioStreamController {
      protected override getFragmentAtPosition(...position: Position): MediaFragment | null {
        return super.getFragmentAtPosition(...pastRounding(position));
      }
    },
  }),
};
