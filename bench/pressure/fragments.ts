import { readBoxes } from '../../media/bmff/box-reader.ts';
import { readFragment } from '../../media/bmff/fragment-reader.ts';
import type { InitSegment } from '../../media/bmff/init-reader.ts';
import type { Sample } from '../../media/bmff/sample.ts';

/** Reads the samples of a part, or of a whole segment with several fragments. Their data is borrowed from `bytes`. */
export function samplesOf(bytes: Buffer, track: InitSegment): Sample[] {
  const boxes = readBoxes({ bytes, originBytes: 0 }, 0, bytes.length);
  return boxes.flatMap((box, at) => {
    const after = boxes[at + 1];
    return box.type === 'moof' && after?.type === 'mdat'
      ? readFragment(bytes.subarray(box.start, after.end), track)
      : [];
  });
}
