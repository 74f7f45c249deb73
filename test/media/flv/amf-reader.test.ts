import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Amf0Reader } from '../../../media/flv/amf0-reader.ts';
import { writeAmf0, type Amf0Content } from '../../../media/flv/amf0-writer.ts';

function all(hex: string): { values: unknown[]; failed: boolean } {
  const reader = new Amf0Reader(Buffer.from(hex, 'hex'));
  const values: unknown[] = [];
  while (!reader.isAtEnd) {
    const value = reader.value();
    if (!reader.failed) values.push(value);
  }
  return { values, failed: reader.failed };
}

const TWO = '004000000000000000';
const NUMBER_3FF = '3ff0000000000000';

describe('AMF 0 values (AMF 0 §2)', () => {
  const table: { name: string; hex: string; want: unknown[] }[] = [
    { name: '§2.2 number', hex: TWO, want: [2] },
    { name: '§2.3 boolean', hex: '01000101', want: [false, true] },
    { name: '§2.4 string of UTF-8', hex: '020003e4bda0', want: ['你'] },
    { name: '§2.5 object', hex: `03000161${TWO}000009`, want: [{ a: 2 }] },
    { name: '§2.7, §2.8 null and undefined', hex: '0506', want: [null, undefined] },
    { name: '§2.9 a reference', hex: `03000161${TWO}000009` + '070000', want: [{ a: 2 }, { a: 2 }] },
    { name: '§2.9 a reference to what is not there', hex: `070009${TWO}`, want: [undefined, 2] },
    {
      name: '§2.10 ECMA array with a count too high',
      hex: `0800000009000161${TWO}000009${TWO}`,
      want: [{ a: 2 }, 2],
    },
    {
      name: '§2.10 ECMA array with a count of 0',
      hex: `0800000000000161${TWO}000009${TWO}`,
      want: [{ a: 2 }, 2],
    },
    { name: '§2.10 ECMA array without its end', hex: `0800000001000161${TWO}`, want: [{ a: 2 }] },
    { name: '§2.12 strict array', hex: `0a00000002${TWO}05`, want: [[2, null]] },
    { name: '§2.13 date', hex: `0b40000000000000000000${TWO}`, want: [2, 2] },
    { name: '§2.14 long string', hex: '0c0000000178', want: ['x'] },
    { name: '§2.15 unsupported', hex: `0d${TWO}`, want: [undefined, 2] },
    { name: '§2.17 XML document', hex: `0f000000023c3e${TWO}`, want: ['<>', 2] },
    { name: '§2.18 typed object', hex: `10000143000161${TWO}000009${TWO}`, want: [{ a: 2 }, 2] },
    {
      name: 'an object with an empty name among its fields',
      hex: `030000${TWO}000161${TWO}000009`,
      want: [{ '': 2, a: 2 }],
    },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => assert.deepEqual(all(hex), { values: want, failed: false }));
  }

  const amf3: { name: string; hex: string; want: unknown[] }[] = [
    {
      name: '§3.2 to §3.5 undefined, null, false, true',
      hex: '1100110111021103',
      want: [undefined, null, false, true],
    },
    { name: '§3.6 integers', hex: '11047f' + '1104ffffffff' + '11048100', want: [127, -1, 128] },
    { name: '§3.7 double', hex: `1105${NUMBER_3FF}`, want: [1] },
    { name: '§3.8 string, and a reference to it', hex: '110603' + '78' + '110600', want: ['x', 'x'] },
    { name: '§3.9 XML document', hex: '110705' + '3c3e', want: ['<>'] },
    { name: '§3.10 date', hex: `110801${NUMBER_3FF}`, want: [1] },
    { name: '§3.11 dense array', hex: '1109050104010402', want: [[1, 2]] },
    { name: '§3.11 array with names', hex: '11090103610401' + '01', want: [{ a: 1 }] },
    { name: '§3.12 dynamic object', hex: '110a0b0103610401' + '01', want: [{ a: 1 }] },
    {
      name: '§3.12 sealed object, and one with the same traits',
      hex: '110a13010361' + '0401' + '110a01' + '0402',
      want: [{ a: 1 }, { a: 2 }],
    },
    { name: '§3.14 bytes', hex: '110c05' + '0102', want: [Buffer.of(1, 2)] },
    { name: 'AMF 0 goes on behind it', hex: `1101${TWO}`, want: [null, 2] },
  ];
  for (const { name, hex, want } of amf3) {
    it(`AMF 3 ${name}`, () => assert.deepEqual(all(hex), { values: want, failed: false }));
  }

  const broken = [
    { name: 'a reserved marker', hex: `${TWO}04`, want: [2] },
    { name: 'an unknown marker', hex: `${TWO}7f${TWO}`, want: [2] },
    { name: 'a string that is cut off', hex: `${TWO}02000578`, want: [2] },
    { name: 'an AMF 3 vector', hex: `${TWO}110d0300`, want: [2] },
    { name: 'an externalizable object', hex: `${TWO}110a0701`, want: [2] },
    { name: 'objects within objects without an end', hex: `${TWO}${'03000161'.repeat(1000)}`, want: [2] },
    { name: 'AMF 3 arrays within arrays without an end', hex: `${TWO}11${'090301'.repeat(1000)}`, want: [2] },
  ];
  for (const { name, hex, want } of broken) {
    it(`${name} ends the values and leaves those before it`, () => {
      assert.deepEqual(all(hex), { values: want, failed: true });
    });
  }

  it('what is written is read back the same, whatever letters it has', () => {
    const flat = fc.oneof(
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.string({ unit: 'grapheme' }),
      fc.constant(null),
      fc.constant(undefined),
    );
    const fields = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), flat), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(flat, fields)), (values: Amf0Content[]) => {
        const want = values.map((value) =>
          Array.isArray(value) ? Object.fromEntries(value as [string, unknown][]) : value,
        );
        assert.deepEqual(all(writeAmf0(...values).toString('hex')), { values: want, failed: false });
      }),
    );
  });

  it('a text of more than 65,535 bytes has the long form', () => {
    const text = '长'.repeat(30_000);
    assert.deepEqual(all(writeAmf0(text, 1).toString('hex')).values, [text, 1]);
  });

  it('any bytes are read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        all(Buffer.from(bytes).toString('hex'));
        all(`11${Buffer.from(bytes).toString('hex')}`);
      }),
    );
  });
});
