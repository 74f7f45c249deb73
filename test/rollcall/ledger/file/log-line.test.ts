import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { LINE_MAX, readLine, writeLine } from '../../../../rollcall/ledger/file/log-line.ts';

describe('a line of the log', () => {
  it('writes lines that are read back as they were, whatever is in them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const line = writeLine(record);
        equal(line.indexOf('\n'), line.length - 1);
        deepEqual(readLine(line.slice(0, -1)), JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('takes no line with a changed character for one', () => {
    const line = writeLine({ sub: 'li', status: 'present' }).slice(0, -1);
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1);
        if (changed !== line) equal(readLine(changed), null);
      }),
    );
  });

  it('is read up to the longest one, and no longer', () => {
    const overhead = writeLine({ text: '' }).length - 1;
    const lineOf = (length: number): string =>
      writeLine({ text: 'x'.repeat(length - overhead) }).slice(0, -1);
    equal(readLine(lineOf(LINE_MAX))?.['text'] !== undefined, true);
    equal(readLine(lineOf(LINE_MAX + 1)), null);
  });
});
