import assert from 'node:assert/strict';
import { childrenOf, onlyChild, readBox, readBoxes } from '../../../media/bmff/box-reader.ts';
import { FieldReader } from '../../../media/bmff/field-reader.ts';
import { describedSize, placeDescribed, placeFragments } from '../../../media/bmff/fragment-placement.ts';
import { firstChunk, readFirstDecodeTicks, readFragment } from '../../../media/bmff/fragment-reader.ts';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import { writeSidx } from '../../../media/bmff/sidx.ts';
import { MediaError } from '../../../media/media-error.ts';
import { box, hex } from '../support/bytes.ts';
import { frames, VIDEO_TRACK } from '../support/samples.ts';

const first = writeFragment({ trackId: 1, sequenceNumber: 1, samples: frames(1_000_000, 3, 3600) });
const second = writeFragment({ trackId: 1, sequenceNumber: 2, samples: frames(1_010_800, 2, 3600) });
const segment = Buffer.concat([first, second]);

describe('segments in files', () => {
  it('a segment is placed: another track, other times, the same samples and size', () => {
    const before = Buffer.from(segment);
    const placed = placeFragments(segment, 2, 900);
    assert.equal(placed.length, segment.length);
    assert.ok(segment.equals(before));
    const track = { ...VIDEO_TRACK, trackId: 2 };
    const moved = [placed.subarray(0, first.length), placed.subarray(first.length)].flatMap((bytes) =>
      readFragment(bytes, track),
    );
    assert.deepEqual(
      moved.map(({ decodeTicks }) => decodeTicks),
      [900, 4500, 8100, 11_700, 15_300],
    );
    assert.deepEqual(
      moved.map(({ data }) => data),
      [first, second].flatMap((bytes) => readFragment(bytes, VIDEO_TRACK)).map(({ data }) => data),
    );
  });

  it('a segment whose times go back to before its start, or have 32 bits, is not placed', () => {
    assert.throws(
      () => placeFragments(Buffer.concat([second, first]), 2, 0),
      /^MediaError: tfdt at byte \d+: time/,
    );
    const tfhd = box('tfhd', hex('00020000 00000001'));
    const short = box('moof', box('traf', tfhd, box('tfdt', hex('00000000 00000001'))));
    assert.throws(() => placeFragments(short, 2, 0), /want version 1, with 64 bits$/);
  });

  describe('at another sample entry', () => {
    const at = { trackId: 2, startTicks: 900, sampleDescription: 2, fromHz: 90_000, toHz: 90_000 };
    const sizeBytes = describedSize({ sizeBytes: segment.length, frames: 5, timescaleHz: 90_000 }, 90_000);
    const descriptions = (bytes: Buffer): number[] => {
      const source = { bytes, originBytes: 0 };
      return readBoxes(source, 0, bytes.length)
        .filter(({ type }) => type === 'moof')
        .map((moof) => {
          const traf = onlyChild(source, childrenOf(source, moof), 'traf', moof);
          const tfhd = new FieldReader(source, onlyChild(source, childrenOf(source, traf), 'tfhd', traf));
          tfhd.skip(1);
          assert.equal(tfhd.u24() & 2, 2);
          tfhd.skip(4); // track_ID
          return tfhd.u32();
        });
    };
    const samplesOf = (bytes: Buffer) => {
      const source = { bytes, originBytes: 0 };
      let moofAt = 0;
      return readBoxes(source, 0, bytes.length).flatMap(({ type, start, end }) => {
        if (type === 'moof') moofAt = start;
        // This reader wants one sample entry: the number of another is set back.
        if (type !== 'mdat') return [];
        const chunk = Buffer.from(bytes.subarray(moofAt, end));
        chunk.writeUInt32BE(1, chunk.indexOf('tfhd') + 12);
        return readFragment(chunk, { ...VIDEO_TRACK, trackId: 2 });
      });
    };

    it('each chunk names it, the samples are the same, and the size is the one that was computed', () => {
      const placed = placeDescribed(segment, VIDEO_TRACK, at, sizeBytes);
      assert.equal(placed.length, sizeBytes);
      assert.deepEqual(descriptions(placed), [2, 2]);
      assert.deepEqual(
        samplesOf(placed).map(({ decodeTicks, data }) => [decodeTicks, data.toString()]),
        [1_000_000, 1_003_600, 1_007_200, 1_010_800, 1_014_400].map((ticks) => [
          ticks - 999_100,
          `sample at ${ticks}`,
        ]),
      );
    });

    it('times of another timescale are those of the track, without a hole', () => {
      const size = describedSize({ sizeBytes: segment.length, frames: 5, timescaleHz: 90_000 }, 44_100);
      const placed = placeDescribed(segment, VIDEO_TRACK, { ...at, startTicks: 0, toHz: 44_100 }, size);
      assert.equal(placed.length, size);
      assert.deepEqual(
        samplesOf(placed).map(({ decodeTicks, durationTicks }) => [decodeTicks, durationTicks]),
        [
          [0, 1764],
          [1764, 1764],
          [3528, 1764],
          [5292, 1764],
          [7056, 1764],
        ],
      );
    });

    it('what does not fit is refused', () => {
      assert.throws(() => placeDescribed(segment, VIDEO_TRACK, at, segment.length), /bytes more than were/);
    });
  });

  it('the first decode time and the first chunk of a segment are found', () => {
    assert.equal(readFirstDecodeTicks(segment), 1_000_000);
    assert.equal(readFirstDecodeTicks(Buffer.concat([box('styp', Buffer.alloc(8)), second])), 1_010_800);
    assert.ok(firstChunk(segment).equals(first));
    assert.throws(() => readFirstDecodeTicks(box('free')), MediaError);
    assert.throws(() => firstChunk(Buffer.from('nothing of that kind')), MediaError);
  });

  it('a segment index lists its references (§8.16.3)', () => {
    const bytes = writeSidx({
      ...{ referenceId: 1, timescaleHz: 90_000, earliestPresentationTicks: 2 ** 40 },
      references: [
        { sizeBytes: 1000, durationTicks: 144_000 },
        { sizeBytes: 2000, durationTicks: 72_000 },
      ],
    });
    const source = { bytes, originBytes: 0 };
    const fields = new FieldReader(source, readBox(source, 0, bytes.length));
    assert.deepEqual([fields.u8(), fields.u24(), fields.u32(), fields.u32()], [1, 0, 1, 90_000]);
    assert.deepEqual([fields.u64('time'), fields.u64('offset'), fields.u16()], [2 ** 40, 0, 0]);
    assert.equal(fields.u16(), 2);
    assert.deepEqual([fields.u32(), fields.u32(), fields.u32()], [1000, 144_000, 0x90000000]);
    assert.deepEqual([fields.u32(), fields.u32(), fields.u32(), fields.left], [2000, 72_000, 0x90000000, 0]);
  });

  it('a segment index has at most 65,535 references', () => {
    const references = Array.from({ length: 65_540 }, () => ({ sizeBytes: 1, durationTicks: 1 }));
    const bytes = writeSidx({ referenceId: 1, timescaleHz: 1, earliestPresentationTicks: 0, references });
    assert.equal(bytes.length, 40 + 65_535 * 12);
  });
});
