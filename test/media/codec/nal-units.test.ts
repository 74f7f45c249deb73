import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeNal, joinNalUnits, splitNalUnits, unescapeNal } from '../../../media/codec/nal-units.ts';

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((unit) => Buffer.from(unit));

describe('NAL units (ISO/IEC 14496-15 §4.3.2)', () => {
  it('what is joined is split the same, and borrowed', () => {
    fc.assert(
      fc.property(fc.array(bytes(200), { maxLength: 6 }), fc.constantFrom(1, 2, 4), (units, lengthSize) => {
        const sample = joinNalUnits(units, lengthSize);
        assert.ok(sample !== null);
        const split = [...splitNalUnits(sample, lengthSize)];
        assert.deepEqual(split, units);
        assert.ok(split.every((unit) => unit.buffer === sample.buffer));
      }),
    );
  });

  it('a unit that is too long for its length field is not joined', () => {
    assert.equal(joinNalUnits([Buffer.alloc(256)], 1), null);
    assert.equal(joinNalUnits([Buffer.alloc(65_536)], 2), null);
    assert.equal(joinNalUnits([Buffer.alloc(255)], 1)?.length, 256);
  });

  it('splitting stops in front of a unit that does not fit', () => {
    const sample = Buffer.from('00000001' + 'aa' + '00000009' + 'bb', 'hex');
    assert.deepEqual([...splitNalUnits(sample, 4)], [Buffer.from([0xaa])]);
  });

  it('emulation prevention is removed (ISO/IEC 14496-10 §7.4.1)', () => {
    const payload = fc
      .array(fc.constantFrom(0, 1, 2, 3, 4, 255), { maxLength: 60 })
      .map((list) => Buffer.from(list));
    fc.assert(fc.property(payload, (raw) => assert.deepEqual(unescapeNal(escapeNal(raw)), raw)));
  });
});
