import Hls, { type HlsConfig, type LevelDetails, type MediaFragment } from 'hls.js';

/**
 * By how much a buffered range may fall short of its segment's end, in seconds. Browsers keep media times in whole
 * microseconds: a frame of 1/30 s or of 1024 samples is cut short, and a segment that ends at 32 is buffered to 31.999999.
 */
const CUT_SHORT_S = 0.001;

/** Where hls.js asks for a fragment: the buffer's end and the end of the playlist, in seconds. */
type Position = [bufferEndS: number, endS: number, details: LevelDetails];

function pastRounding([bufferEndS, endS, details]: Position): Position {
  return [bufferEndS + CUT_SHORT_S, endS, details];
}

const { streamController, audioStreamController } = Hls.DefaultConfig;

/**
 * hls.js's controllers of picture and sound, with segments taken as finished where they are buffered to their end but for
 * rounding.
 *
 * As they come, they look for the fragment at the buffer's end and find the one that has just been finished. They step
 * past it once all its parts were loaded; but who joined in the middle of a segment never loads its first parts, and so
 * would wait at its end until it leaves the playlist's parts, some seconds later.
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
