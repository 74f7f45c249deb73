import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import type { Sample } from '../../../media/bmff/sample.ts';
import { ChunkSplitter } from '../../../origin/packager/cmaf/chunk-splitter.ts';
import { box, hex } from '../support/bytes.ts';
import { AUDIO_TRACK, VIDEO_TRACK } from '../support/samples.ts';
import { MediaError } from '../../../media/media-error.ts';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import { BOUNDARY_S, encodeCmaf } from '../support/ffmpeg-cmaf.ts';

const u32 = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }),
  );

const MDAT = box('mdat', Buffer.from('abcdefghij'));

/** A chunk from the content of tfhd, tfdt and truns; every 0xdada0000 + n in them becomes the offset of mdat's byte n. */
function chunk(
  tfhd: Buffer,
  tfdt: Buffer,
  truns: readonly Buffer[],
  originBytes = 0,
  more: Buffer = Buffer.alloc(0),
): Buffer {
  const traf = box(
    'traf',
    box('tfhd', tfhd),
    box('tfdt', tfdt),
    ...truns.map((content) => box('trun', content)),
    more,
  );
  const moof = box('moof', box('mfhd', u32(0, 1)), traf);
  for (let at = 0; at + 4 <= moof.length; at++) {
    const value = moof.readUInt32BE(at);
    if (value >>> 16 === 0xdada) moof.writeUInt32BE(originBytes + moof.length + 8 + (value & 0xffff), at);
  }
  return Buffer.concat([moof, MDAT]);
}

const TFHD = u32(0x20000, 1);
const TFDT = u32(0, 1000);
const brief = (samples: readonly Sample[]): unknown[] =>
  samples.map((s) => [
    s.decodeTicks,
    s.durationTicks,
    s.compositionOffsetTicks,
    s.isSync,
    s.data.toString('latin1'),
  ]);

describe('fragment reader (ISO/IEC 14496-12 §8.8)', () => {
  const table: { name: string; input: Buffer; origin?: number; want: unknown[] }[] = [
    {
      name: 'every field a sample',
      input: chunk(TFHD, TFDT, [
        Buffer.concat([
          u32(0x01000f01, 2, 0xdada0000),
          ...[u32(10, 3, 0x2000000, 5), u32(20, 4, 0x1010000, 0xfffffffb)],
        ]),
      ]),
      want: [
        [1000, 10, 5, true, 'abc'],
        [1010, 20, -5, false, 'defg'],
      ],
    },
    {
      name: 'defaults of tfhd, and flags of the first sample (§8.8.8.1)',
      input: chunk(u32(0x20038, 1, 7, 2, 0x1010000), TFDT, [u32(0x5, 3, 0xdada0000, 0x2000000)]),
      want: [
        [1000, 7, 0, true, 'ab'],
        [1007, 7, 0, false, 'cd'],
        [1014, 7, 0, false, 'ef'],
      ],
    },
    {
      name: 'two runs, the second begins where the first ended',
      input: chunk(u32(0x20018, 1, 7, 2), TFDT, [u32(0x1, 1, 0xdada0001), u32(0x0, 2)]),
      want: [
        [1000, 7, 0, true, 'bc'],
        [1007, 7, 0, true, 'de'],
        [1014, 7, 0, true, 'fg'],
      ],
    },
    {
      name: 'base-data-offset counts from the start of the stream (§8.8.7.1)',
      input: chunk(u32(0x19, 1, 0, 0xdada0002, 7, 2), TFDT, [u32(0x200, 1, 2)], 5000),
      origin: 5000,
      want: [[1000, 7, 0, true, 'cd']],
    },
    {
      name: 'neither base-data-offset nor default-base-is-moof: from moof',
      input: chunk(u32(0x18, 1, 7, 2), TFDT, [u32(0x1, 1, 0xdada0000)]),
      want: [[1000, 7, 0, true, 'ab']],
    },
    {
      name: '64-bit tfdt (§8.8.12)',
      input: chunk(TFHD, u32(0x1000000, 0x9000, 5), [u32(0x301, 1, 0xdada0000, 7, 1)]),
      want: [[0x9000 * 2 ** 32 + 5, 7, 0, true, 'a']],
    },
    {
      name: 'a sample without bytes only takes its time',
      input: chunk(TFHD, TFDT, [u32(0x301, 2, 0xdada0000, 7, 0, 8, 2)]),
      want: [[1007, 8, 0, true, 'ab']],
    },
    { name: 'no run at all', input: chunk(TFHD, TFDT, []), want: [] },
  ];
  for (const { name, input, origin, want } of table) {
    it(name, () => {
      assert.deepEqual(brief(readFragment(input, VIDEO_TRACK, origin)), want);
    });
  }

  it('trex gives what neither tfhd nor trun says (§8.8.3)', () => {
    const init = { ...VIDEO_TRACK, defaultDurationTicks: 9, defaultSizeBytes: 5, defaultFlags: 0x1010000 };
    const input = chunk(TFHD, TFDT, [u32(0x1, 2, 0xdada0000)]);
    assert.deepEqual(brief(readFragment(input, init)), [
      [1000, 9, 0, false, 'abcde'],
      [1009, 9, 0, false, 'fghij'],
    ]);
  });

  it('all sound is sync', () => {
    const input = chunk(TFHD, TFDT, [u32(0x701, 1, 0xdada0000, 7, 1, 0x1010000)]);
    assert.equal(readFragment(input, AUDIO_TRACK)[0]?.isSync, true);
  });

  it('the data is borrowed from the chunk', () => {
    const input = chunk(TFHD, TFDT, [u32(0x301, 1, 0xdada0000, 7, 3)]);
    assert.equal(readFragment(input, VIDEO_TRACK)[0]?.data.buffer, input.buffer);
  });

  const refused: { name: string; input: Buffer; message: RegExp }[] = [
    {
      name: 'more samples than the box holds',
      input: chunk(TFHD, TFDT, [u32(0x201, 70_000, 0xdada0000, 1)]),
      message: /^trun at byte 64: sample_count 70000 of 4 bytes each, 4 bytes are left$/,
    },
    {
      name: 'a run of billions of empty samples',
      input: chunk(TFHD, TFDT, [u32(0x1, 0xffffffff, 0xdada0000)]),
      message: /^trun at byte 64: sample_count 4294967295, 4294967295 in this chunk, want at most 4096$/,
    },
    {
      name: 'runs of empty samples that add up',
      input: chunk(TFHD, TFDT, [u32(0x1, 3000, 0xdada0000), u32(0x0, 3000)]),
      message: /sample_count 3000, 6000 in this chunk, want at most 4096$/,
    },
    {
      name: 'a box smaller than its header',
      input: chunk(TFHD, TFDT, [], 0, hex('00000004 66726565')),
      message: /^free at byte 64: size 4, want 8 or more$/,
    },
    {
      name: 'data behind mdat',
      input: chunk(TFHD, TFDT, [u32(0x201, 1, 0xdada0008, 3)]),
      message: /^trun at byte 64: sample 0 lies at \d+ to \d+ of the chunk, mdat's content at/,
    },
    {
      name: 'data ahead of mdat',
      input: chunk(TFHD, TFDT, [u32(0x201, 1, 0xfffffff0, 3)]),
      message: /sample 0 lies at -16 to -13 of the chunk/,
    },
    {
      name: 'no data offset at all',
      input: chunk(TFHD, TFDT, [u32(0x200, 1, 3)]),
      message: /sample 0 lies at 0 to 3 of the chunk/,
    },
    {
      name: 'another track',
      input: chunk(u32(0x20000, 2), TFDT, []),
      message: /^tfhd at byte 32: track_ID 2, the init segment's is 1$/,
    },
    {
      name: 'another sample description',
      input: chunk(u32(0x20002, 1, 2), TFDT, []),
      message: /sample_description_index 2, want 1/,
    },
    {
      name: 'a tfdt that a number cannot hold',
      input: chunk(TFHD, u32(0x1000000, 0x200000, 0), []),
      message: /^tfdt at byte 48: baseMediaDecodeTime is above 2\^53 - 1$/,
    },
    {
      name: 'time that rises beyond what a number can hold',
      input: chunk(TFHD, u32(0x1000000, 0x1fffff, 0xffffffff), [u32(0x301, 1, 0xdada0000, 9, 1)]),
      message: /decode time rises above/,
    },
    {
      name: 'a tfdt of version 2',
      input: chunk(TFHD, u32(0x2000000, 0, 0), []),
      message: /version 2, want at most 1/,
    },
    { name: 'a torn tfhd', input: chunk(hex('000200'), TFDT, []), message: /^tfhd at byte 32: 2 bytes left/ },
    { name: 'no moof', input: MDAT, message: /^chunk at byte 0: 0 moof boxes, want one$/ },
    {
      name: 'a traf without tfdt',
      input: Buffer.concat([box('moof', box('traf', box('tfhd', TFHD))), MDAT]),
      message: /^traf at byte 8: 0 tfdt boxes, want one$/,
    },
    { name: 'no traf', input: Buffer.concat([box('moof'), MDAT]), message: /^moof at byte 0: 0 traf boxes/ },
  ];
  for (const { name, input, message } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => readFragment(input, VIDEO_TRACK),
        (error) => error instanceof MediaError && error.code === 'bad-cmaf' && message.test(error.message),
      );
    });
  }

  it('messages count bytes from the start of the stream', () => {
    assert.throws(
      () => readFragment(chunk(u32(0x20000, 2), TFDT, []), VIDEO_TRACK, 1000),
      /^MediaError: tfhd at byte 1032/,
    );
  });
});

describe('fragment reader over real and written chunks', () => {
  const real = [encodeCmaf('video', BOUNDARY_S, 0.6), encodeCmaf('audio', BOUNDARY_S, 0.4)].map((stream) => {
    const [header, ...chunks] = new ChunkSplitter().push(stream);
    return { init: readInitSegment(header?.bytes ?? Buffer.alloc(0)), chunks };
  });

  it('reads what ffmpeg wrote, a sample a chunk, without a gap', () => {
    const [video, audio] = real.map(({ init, chunks }) =>
      chunks.flatMap((piece) => readFragment(piece.bytes, init, piece.offsetBytes)),
    );
    assert.ok(video !== undefined && audio !== undefined);
    assert.equal(video.length, 15);
    assert.equal(video[0]?.decodeTicks, BOUNDARY_S * 90_000);
    assert.deepEqual(new Set(video.map((s) => s.durationTicks)), new Set([3600]));
    assert.equal(video.filter((s) => s.isSync).length, 1);
    for (const samples of [video, audio]) {
      samples.reduce((end, s) => {
        assert.equal(s.decodeTicks, end);
        return end + s.durationTicks;
      }, samples[0]?.decodeTicks ?? Number.NaN);
    }
  });

  it('a chunk mutated anywhere is read, or raises a MediaError', () => {
    const written = writeFragment({
      trackId: 1,
      sequenceNumber: 1,
      samples: [0, 1, 2].map((i) => ({
        decodeTicks: 5 + i * 10,
        durationTicks: 10,
        compositionOffsetTicks: i,
        isSync: i === 0,
        data: Buffer.alloc(3 + i, i),
      })),
    });
    const cases = [
      { init: VIDEO_TRACK, bytes: written },
      ...real.map(({ init, chunks }) => ({ init, bytes: chunks[1]?.bytes ?? Buffer.alloc(0) })),
    ];
    for (const { init, bytes } of cases) {
      // Past the first hundreds of bytes there is only coded media, which nobody here reads.
      const headers = Math.min(bytes.length, 200);
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(headers - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.option(fc.nat(bytes.length), { freq: 3 }),
          (edits, keep) => {
            const mutated = Buffer.from(bytes);
            for (const [at, value] of edits) mutated[at] = value;
            const input = mutated.subarray(0, keep ?? mutated.length);
            try {
              const samples = readFragment(input, init);
              assert.ok(samples.reduce((sum, s) => sum + s.data.length, 0) <= 4096 * input.length);
              for (const s of samples) assert.ok(Number.isSafeInteger(s.decodeTicks) && s.data.length > 0);
            } catch (error) {
              assert.ok(error instanceof MediaError, error instanceof Error ? error.stack : 'no error');
            }
          },
        ),
        { numRuns: 4000 },
      );
    }
  });
});
