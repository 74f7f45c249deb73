import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { contentDisposition } from '../../shared/content-disposition.ts';

describe('the name of a download', () => {
  for (const { title, ending, plain, want } of [
    { title: 'Fractions', want: `filename="Fractions.mp4"; filename*=UTF-8''Fractions.mp4` },
    {
      title: '七年级数学 2026-02-17 16.45 attendance',
      ending: 'csv',
      plain: 'hall-7 2026-02-17 16.45 attendance',
      want: `filename="hall-7 2026-02-17 16.45 attendance.csv"; filename*=UTF-8''${encodeURIComponent('七年级数学 2026-02-17 16.45 attendance')}.csv`,
    },
    { title: 'a/b\\c:"d"', want: `filename="a b c d.mp4"; filename*=UTF-8''a%20b%20c%20d.mp4` },
    { title: 'fdp.\u202egpj', want: `filename="fdp.gpj.mp4"; filename*=UTF-8''fdp.gpj.mp4` },
    { title: ' \n', want: `filename="class.mp4"; filename*=UTF-8''class.mp4` },
  ]) {
    it(`is that of ${JSON.stringify(title)}`, () => {
      equal(contentDisposition(title, ending, plain), `attachment; ${want}`);
    });
  }

  it('is a header that cannot be broken, whatever the title is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (title) => {
        equal(
          /^attachment; filename="[^"\\\r\n]*"; filename\*=UTF-8''[A-Za-z0-9%._~!-]*$/.test(
            contentDisposition(title),
          ),
          true,
        );
      }),
    );
  });
});
