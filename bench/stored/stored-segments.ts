import type { Sample } from '../../media/bmff/sample.ts';
import { initKey, indexKey, segmentKey } from '../../origin/archive/archive-keys.ts';
import { blockOf, formatBlock } from '../../origin/archive/index-block.ts';
import { writePart } from '../../origin/packager/cmaf/part-writer.ts';
import type { Segment, TrackInit } from '../../origin/packager/media.ts';
import {
  describeSegment,
  gridStartMsOf,
  type StoredSegment,
} from '../../origin/packager/recording/stored-segment.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { videoInit } from '../../test/origin/support/cmaf-init.ts';

/** The channel of the stored segments. */
export const STORED_CHANNEL = 'hall-7';
/** Their rendition. */
export const STORED_RENDITION = '720p';
/** Number of the first. */
export const STORED_FIRST_NUMBER = 1_000_192;
const FRAMES = 40;
const FRAME_TICKS = 3600;

/** Synthetic segments: valid CMAF of one track, each of a given size, without decodable frames. */
export function storedSegments(
  count: number,
  sizeBytes: number,
): { readonly init: TrackInit; readonly segments: Segment[] } {
  const init = videoInit(720);
  const data = Buffer.alloc(Math.floor(sizeBytes / FRAMES), 0x55);
  const segments = Array.from({ length: count }, (_, i): Segment => {
    const number = STORED_FIRST_NUMBER + i;
    const startTicks = number * FRAMES * FRAME_TICKS;
    const samples = Array.from(
      { length: FRAMES },
      (_unused, frame): Sample => ({
        decodeTicks: startTicks + frame * FRAME_TICKS,
        durationTicks: FRAME_TICKS,
        compositionOffsetTicks: 0,
        isSync: frame === 0,
        data,
      }),
    );
    const durationTicks = FRAMES * FRAME_TICKS;
    const bytes = writePart({ init, sequenceNumber: i, samples });
    return {
      ...{ number, init, startTicks, durationTicks, closed: true, gap: false, discontinuity: false },
      parts: [{ index: 0, startTicks, durationTicks, independent: true, bytes }],
    };
  });
  return { init, segments };
}

/** A segment's bytes. */
export function bytesOf(segment: Segment): Buffer {
  return Buffer.concat(segment.parts.map(({ bytes }) => bytes));
}

/** Puts segments into a store in the form of an archive: media, init segment and index. */
export async function fillStore(
  store: ObjectStore,
  init: TrackInit,
  segments: readonly Segment[],
): Promise<void> {
  await store.put(initKey(STORED_CHANNEL, STORED_RENDITION, init.hash), init.bytes);
  const blocks = new Map<number, StoredSegment[]>();
  for (const segment of segments) {
    const bytes = bytesOf(segment);
    const stored = describeSegment(STORED_RENDITION, segment.number, bytes, init);
    await store.put(segmentKey(STORED_CHANNEL, gridStartMsOf(stored), stored), bytes);
    const block = blockOf(stored);
    blocks.set(block, [...(blocks.get(block) ?? []), stored]);
  }
  for (const [block, stored] of blocks) {
    await store.put(indexKey(STORED_CHANNEL, block), Buffer.from(formatBlock(stored), 'utf8'));
  }
}
