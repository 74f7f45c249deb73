import assert from 'node:assert/strict';
import fc from 'fast-check';
import { childrenOf, onlyChild, readBox, readBoxes, readBoxHeader } from '../../../media/bmff/box-reader.ts';
import { FieldReader } from '../../../media/bmff/field-reader.ts';
import { ascii, box, fullBox, u16, u32, u64 } from '../../../media/bmff/box-writer.ts';
import { MediaError } from '../../../media/media-error.ts';
import { hex } from '../support/bytes.ts';

const sourceOf = (bytes: Buffer, originBytes = 0) => ({ bytes, originBytes });

describe('boxes (ISO/IEC 14496-12 §4.2)', () => {
  it('what is written is read back the same', () => {
    const type = fc.stringMatching(/^[a-z0-9]{4}$/);
    const content = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.tuple(type, content), { maxLength: 8 }), (written) => {
        const parent = box(
          'moov',
          written.map(([name, bytes]) => box(name, [bytes])),
        );
        const source = sourceOf(parent);
        const read = childrenOf(source, readBox(source, 0, parent.length));
        assert.deepEqual(
          read.map((child) => [child.type, parent.subarray(child.payload, child.end)]),
          written,
        );
      }),
    );
  });

  it('fields of every size are read back the same', () => {
    const field = fc.record(
      {
        small: fc.nat(0xffff),
        medium: fc.nat(0xffffffff),
        large: fc.nat(Number.MAX_SAFE_INTEGER),
        version: fc.nat(255),
        flags: fc.nat(0xffffff),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(field, ({ small, medium, large, version, flags }) => {
        const bytes = fullBox('test', version, flags, [u16(small), u32(medium), u64(large), ascii('abcd')]);
        const source = sourceOf(bytes);
        const fields = new FieldReader(source, readBox(source, 0, bytes.length));
        assert.deepEqual(
          [fields.u8(), fields.u24(), fields.u16(), fields.u32(), fields.u64('large'), fields.fourCc()],
          [version, flags, small, medium, large, 'abcd'],
        );
        assert.equal(fields.left, 0);
      }),
    );
  });

  it('a header that is not whole is not refused: more bytes may come', () => {
    const large = hex('00000001 6d646174 00000000 00000020');
    assert.equal(readBoxHeader(sourceOf(large.subarray(0, 7)), 0), null);
    assert.equal(readBoxHeader(sourceOf(large.subarray(0, 15)), 0), null);
    assert.deepEqual(readBoxHeader(sourceOf(large), 0), { type: 'mdat', sizeBytes: 32, headerBytes: 16 });
  });

  const refused: { name: string; run: () => unknown; message: RegExp }[] = [
    {
      name: 'size 0',
      run: () => readBox(sourceOf(hex('00000000 66726565')), 0, 8),
      message: /^free at byte 0: size 0, want 8 or more$/,
    },
    {
      name: 'a 64-bit size below its own header',
      run: () => readBox(sourceOf(hex('00000001 66726565 00000000 0000000f')), 0, 16),
      message: /^free at byte 0: size 15, want 16 or more$/,
    },
    {
      name: 'a box that is longer than what encloses it, with its place in the stream',
      run: () => readBox(sourceOf(hex('0000000a 66726565 0000'), 100), 0, 9),
      message: /^free at byte 100: size 10, want 8 to 9$/,
    },
    {
      name: 'a header that is cut off',
      run: () => readBoxes(sourceOf(hex('00000008 66726565 000000')), 0, 11),
      message: /^box header at byte 8: 3 bytes left, want 8 or 16$/,
    },
    {
      name: 'a type that cannot be printed',
      run: () => readBox(sourceOf(hex('00000001 00010203 00000000 00000000')), 0, 16),
      message: /^box 0x00010203 at byte 0: size 0/,
    },
    {
      name: 'more than 1000 boxes side by side',
      run: () =>
        readBoxes(sourceOf(Buffer.concat(Array.from({ length: 1001 }, () => box('free', [])))), 0, 8008),
      message: /^free at byte 8000: more than 1000 boxes side by side$/,
    },
    {
      name: 'two children where one is wanted',
      run: () => {
        const bytes = box('trak', [box('tkhd', []), box('tkhd', [])]);
        const parent = readBox(sourceOf(bytes), 0, bytes.length);
        return onlyChild(sourceOf(bytes), childrenOf(sourceOf(bytes), parent), 'tkhd', parent);
      },
      message: /^trak at byte 0: 2 tkhd boxes, want one$/,
    },
    {
      name: 'a number above 2^53 - 1',
      run: () => {
        const bytes = box('tfdt', [hex('00200000 00000000')]);
        return new FieldReader(sourceOf(bytes), readBox(sourceOf(bytes), 0, 16)).u64('time');
      },
      message: /^tfdt at byte 0: time is above 2\^53 - 1$/,
    },
    {
      name: 'a version that is too new',
      run: () => {
        const bytes = fullBox('tfdt', 2, 0, []);
        return new FieldReader(sourceOf(bytes), readBox(sourceOf(bytes), 0, 12)).version(1);
      },
      message: /^tfdt at byte 0: version 2, want at most 1$/,
    },
  ];
  for (const { name, run, message } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        run,
        (error) =>
          error instanceof MediaError &&
          error.code === 'bad-cmaf' &&
          error.status === 400 &&
          message.test(error.message),
      );
    });
  }
});
