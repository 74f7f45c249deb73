import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readOnMetaData, writeOnMetaData } from '../../../media/flv/script-data.ts';

const NAME = '02000a6f6e4d65746144617461';
const SET_DATA_FRAME = '02000d40736574446174614672616d65';
const WIDTH_2 = '00057769647468004000000000000000';

describe('FLV script data (Adobe FLV 10.1 §E.4.4, §E.5)', () => {
  it('§E.5 onMetaData is an ECMA array', () => {
    assert.equal(writeOnMetaData([['width', 2]]).toString('hex'), `${NAME}0800000001${WIDTH_2}000009`);
  });

  it('what is written is read back the same', () => {
    const fields = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.double({ noNaN: true })), {
      selector: ([name]) => name,
      maxLength: 300,
    });
    fc.assert(
      fc.property(fields, (written) => {
        assert.deepEqual(readOnMetaData(writeOnMetaData(written)), Object.fromEntries(written));
      }),
    );
  });

  const table: { name: string; hex: string; want: object | null }[] = [
    {
      name: 'an ECMA array whose length is wrong',
      hex: `${NAME}0800000000${WIDTH_2}000009`,
      want: { width: 2 },
    },
    { name: 'an object', hex: `${NAME}03${WIDTH_2}000009`, want: { width: 2 } },
    { name: 'wrapped for RTMP', hex: `${SET_DATA_FRAME}${NAME}03${WIDTH_2}000009`, want: { width: 2 } },
    {
      name: 'values of every kind',
      hex: `${NAME}03${[
        '00016101' + '01', // boolean
        '00016202' + '000178', // string
        '0001630c' + '00000001' + '79', // long string
        '00016405', // null
        '00016506', // undefined
        '0001660a' + '00000002' + '0100' + '05', // strict array
        '0001670b' + '4000000000000000' + '0000', // date
        '00016803' + '000009', // object
      ].join('')}000009`,
      want: { a: true, b: 'x', c: 'y', d: null, e: undefined, f: [false, null], g: 2, h: {} },
    },
    { name: 'another command', hex: '02000166' + `03${WIDTH_2}000009`, want: null },
    { name: 'no fields', hex: NAME, want: null },
    { name: 'fields without an end', hex: `${NAME}03${WIDTH_2}`, want: { width: 2 } },
    {
      name: 'an unknown marker takes its field and those behind it away, not those before',
      hex: `${NAME}03${WIDTH_2}${'000161' + '7f'}000009`,
      want: { width: 2 },
    },
    {
      name: 'an array that is longer than the body',
      hex: `${NAME}03${WIDTH_2}0001610affffffff000009`,
      want: { width: 2 },
    },
    { name: 'objects within objects without an end', hex: `${NAME}03${'00016103'.repeat(1000)}`, want: {} },
    {
      name: 'more than eight objects within each other',
      hex: `${NAME}03${'00016103'.repeat(9)}${'000009'.repeat(10)}`,
      want: {},
    },
    { name: 'nothing', hex: '', want: null },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => assert.deepEqual(readOnMetaData(Buffer.from(hex, 'hex')), want));
  }

  it('a field named __proto__ changes no prototype', () => {
    const read = readOnMetaData(Buffer.from(`${NAME}0300095f5f70726f746f5f5f03000009000009`, 'hex'));
    assert.equal(Object.getPrototypeOf(read), Object.prototype);
  });

  it('any bytes give fields or null', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const fields = readOnMetaData(Buffer.concat([Buffer.from(NAME, 'hex'), bytes]));
        assert.ok(fields === null || typeof fields === 'object');
      }),
    );
  });
});
