import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import {
  choiceQuery,
  COLUMNS_MAX,
  COLUMNS_PATTERN,
  NOTHING_CHOSEN,
  readColumnUses,
} from '../../../rollcall/protocol/roster-choice.ts';
import { COLUMN_USES } from '../../../rollcall/protocol/roster-preview.ts';

describe('what is chosen of a class list', () => {
  it('is an empty query where nothing is', () => equal(choiceQuery(NOTHING_CHOSEN), ''));

  it('is read from its query as it was written', () => {
    const use = fc.constantFrom(null, ...COLUMN_USES);
    const columns = fc.option(fc.array(use, { minLength: 1, maxLength: COLUMNS_MAX }));
    const choice = fc.record({
      sheet: fc.option(fc.string({ minLength: 1 })),
      headingLine: fc.option(fc.nat()),
      columns,
    });
    fc.assert(
      fc.property(choice, (chosen) => {
        const query = new URLSearchParams(choiceQuery(chosen));
        const [sheet, headings, text] = ['sheet', 'headings', 'columns'].map((key) => query.get(key));
        deepEqual(sheet, chosen.sheet);
        deepEqual(headings, chosen.headingLine === null ? null : String(chosen.headingLine));
        if (chosen.columns === null) equal(text, null);
        else deepEqual(COLUMNS_PATTERN.test(text ?? '!') && readColumnUses(text ?? ''), chosen.columns);
      }),
    );
  });

  for (const text of ['id,nam', 'id;name', 'id, name', 'use', 'id\nname', ','.repeat(COLUMNS_MAX)]) {
    it(`is refused as ${JSON.stringify(text.slice(0, 20))}`, () => equal(COLUMNS_PATTERN.test(text), false));
  }
});
