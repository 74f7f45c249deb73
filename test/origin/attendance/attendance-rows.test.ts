import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findRows, joinRows } from '../../../origin/attendance/attendance-rows.ts';

function rowsOf(
  json: Buffer,
): ReturnType<typeof findRows> extends Generator<void, infer Rows> ? Rows : never {
  const steps = findRows(json);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('the rows of an attendance', () => {
  it('are those that JSON says, whatever stands in them, and before and behind them', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    const row = fc.record({ id: text, name: text, answers: fc.array(fc.record({ value: text })) });
    const value = fc.oneof(text, fc.integer(), fc.array(text), fc.record({ students: fc.array(text) }));
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        value,
        value,
        fc.boolean(),
        (students, before, after, isWide) => {
          const json = Buffer.from(JSON.stringify({ before, students, after }, null, isWide ? 2 : 0));
          const found = rowsOf(json);
          assert.ok(found !== null);
          assert.deepEqual(
            found.rows.map((one) => JSON.parse(one.toString('utf8'))),
            JSON.parse(JSON.stringify(students)),
          );
          const left = found.rows.filter((_, at) => at % 2 === 1);
          assert.deepEqual(JSON.parse(joinRows(found, left).toString('utf8')), {
            before: JSON.parse(JSON.stringify(before)),
            students: JSON.parse(JSON.stringify(students.filter((_, at) => at % 2 === 1))),
            after: JSON.parse(JSON.stringify(after)),
          });
        },
      ),
    );
  });

  for (const json of [
    '{}',
    '[]',
    '{"students":{}}',
    '{"a":{"students":[1]}}',
    '{"students":[1',
    '"students"',
  ]) {
    it(`are not there in ${json}`, () => assert.equal(rowsOf(Buffer.from(json)), null));
  }
});
