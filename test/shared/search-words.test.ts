import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { matchesWords, searchForm, searchWords } from '../../shared/search-words.ts';

const MATHS = searchForm(['Grade 7 mathematics', 'Müller-Weiß', 'Algebra', 'hall-7'], 7);
const SHUXUE = searchForm(['七年级数学 第三讲', '李老师', '数学', 'hall-8'], 7);
const PHYSICS = searchForm(['Levers', "O'Brien", 'Physics', 'lab-12'], 12);
const TITLED = searchForm(['初一（2）班 英语：A1 复习', '', '', 'hall-9']);

describe('a search', () => {
  for (const [query, form, want] of [
    ['', MATHS, true],
    ['grade 7', MATHS, true],
    ['Grade7', MATHS, true],
    ['grade', MATHS, true],
    ['GRADE 7 MATH', MATHS, true],
    ['mathematics grade', MATHS, true],
    ['7年级', MATHS, true],
    ['７年级', MATHS, true],
    ['七年级', MATHS, true],
    ['七年級', MATHS, true],
    ['初一', MATHS, true],
    ['year 7', MATHS, true],
    ['7th grade', MATHS, true],
    ['grade 1', PHYSICS, false],
    ['grade 12', PHYSICS, true],
    ['高三', PHYSICS, true],
    ['十二年级', PHYSICS, true],
    ['二年级', PHYSICS, false],
    ['grade 8', MATHS, false],
    ['muller', MATHS, true],
    ['MÜLLER weiss', MATHS, true],
    ['Mu\u0308ller', MATHS, true],
    ['ｍａｔｈ', MATHS, true],
    ['hall 7', MATHS, true],
    ['hall7', MATHS, true],
    ['hall‑7', MATHS, true],
    ['"grade 7" “algebra”', MATHS, true],
    ['「数学」', SHUXUE, true],
    ['obrien', PHYSICS, true],
    ['O’Brien', PHYSICS, true],
    ['数学七年级', SHUXUE, true],
    ['七年级数学李老师', SHUXUE, true],
    ['数学\u3000李', SHUXUE, true],
    ['数 学', SHUXUE, true],
    ['第三讲数学', SHUXUE, true],
    ['数学第四讲', SHUXUE, false],
    ['七年', SHUXUE, true],
    ['提高三角', SHUXUE, false],
    ['7年级英语', TITLED, true],
    ['初一2班', TITLED, true],
    ['a1', TITLED, true],
    ['!!! --- ...', MATHS, true],
    ['physics', MATHS, false],
  ] as const) {
    it(`for ${JSON.stringify(query)} ${want ? 'finds' : 'does not find'} "${form.slice(0, 20)}…"`, () => {
      equal(matchesWords(form, searchWords(query)), want);
    });
  }

  it('takes a word that contains the name of a grade by accident as a word', () => {
    const form = searchForm(['提高三角函数', '', '', 'hall-1'], 10);
    equal(matchesWords(form, searchWords('提高三角')), true);
  });

  it('looks at sixteen words of a query and sixty characters of each', () => {
    const { words } = searchWords(`${'x'.repeat(100)} ${'a '.repeat(1000)}`);
    equal(words.length, 16);
    equal(words[0]?.length, 60);
    equal(
      searchWords('\ufdfa'.repeat(200)).words.every((word) => word.length <= 60),
      true,
    );
  });

  it('finds every text by itself, and takes any query', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 50 }),
        fc.string({ maxLength: 300 }),
        (text, query) => {
          equal(matchesWords(searchForm([text]), searchWords(text)), true);
          matchesWords(SHUXUE, searchWords(query));
        },
      ),
    );
  });
});
