import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BitReader } from '../../../media/codec/bit-reader.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';

describe('bits (ISO/IEC 14496-10 §7.2, §9.1)', () => {
  it('what is written is read back the same', () => {
    const field = fc.oneof(
      fc.record({
        kind: fc.constant('u' as const),
        bits: fc.integer({ min: 0, max: 32 }),
        value: fc.nat(0xffffffff),
      }),
      fc.record({ kind: fc.constant('ue' as const), bits: fc.constant(0), value: fc.nat(2 ** 32 - 2) }),
      fc.record({
        kind: fc.constant('se' as const),
        bits: fc.constant(0),
        value: fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
        const writer = new BitWriter();
        for (const { kind, bits, value } of fields) {
          if (kind === 'u') writer.u(bits, value % 2 ** bits);
          else writer[kind](value);
        }
        const reader = new BitReader(writer.bytes());
        for (const { kind, bits, value } of fields) {
          assert.equal(
            kind === 'u' ? reader.u(bits) : reader[kind](),
            kind === 'u' ? value % 2 ** bits : value,
          );
        }
        assert.ok(!reader.overran && reader.leftBits < 8);
      }),
    );
  });

  it('past the end there are zeros, and it says so', () => {
    const reader = new BitReader(Buffer.of(0xff));
    assert.equal(reader.u(12), 0xff0);
    assert.ok(reader.overran);
    assert.equal(reader.leftBits, -4);
  });

  it('whole bytes are borrowed', () => {
    const bytes = Buffer.of(1, 2, 3, 4);
    const reader = new BitReader(bytes);
    reader.u(3);
    reader.alignToByte();
    const taken = reader.bytes(2);
    assert.deepEqual(taken, Buffer.of(2, 3));
    assert.equal(taken.buffer, bytes.buffer);
    assert.equal(reader.u(8), 4);
  });
});
