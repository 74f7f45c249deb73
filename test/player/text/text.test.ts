import assert from 'node:assert/strict';
import { STRINGS, type TextKey, chooseLanguage, translate } from '../../../player/text/strings.ts';
import { EDIT_STRINGS } from '../../../player/text/edit-strings.ts';
import { LIBRARY_STRINGS } from '../../../player/text/library-strings.ts';
import { TIMESHIFT_STRINGS } from '../../../player/text/timeshift-strings.ts';
import { ROLLCALL_STRINGS } from '../../../player/text/rollcall-strings.ts';
import { TEACH_STRINGS } from '../../../player/text/teach-strings.ts';
import { ROSTER_STRINGS } from '../../../player/text/roster-strings.ts';
import { LIVE_STATES } from '../../../player/live/live-state.ts';

const keys = Object.keys(STRINGS.en) as TextKey[];

const tables: { name: string; texts: Record<'en' | 'zh', Record<string, string>> }[] = [
  { name: 'of all pages', texts: STRINGS },
  { name: 'of the past', texts: TIMESHIFT_STRINGS },
  { name: 'of the library', texts: LIBRARY_STRINGS },
  { name: 'of changes', texts: EDIT_STRINGS },
  { name: 'of the roll call', texts: ROLLCALL_STRINGS },
  { name: 'of the teacher', texts: TEACH_STRINGS },
  { name: 'of class lists', texts: ROSTER_STRINGS },
];

for (const { name, texts } of tables) {
  describe(`texts ${name}`, () => {
    it('both languages have all of them', () => {
      assert.deepEqual(Object.keys(texts.zh).sort(), Object.keys(texts.en).sort());
    });

    it('a text has the same values in both languages', () => {
      const values = (text = '') => (text.match(/\{\w+\}/g) ?? []).sort();
      for (const key of Object.keys(texts.en))
        assert.deepEqual(values(texts.zh[key]), values(texts.en[key]), key);
    });

    it('none but details is empty', () => {
      for (const key of Object.keys(texts.en).filter((key) => !key.endsWith('.detail'))) {
        assert.notEqual(texts.en[key]?.trim(), '', key);
        assert.notEqual(texts.zh[key]?.trim(), '', key);
      }
    });
  });
}

describe('texts', () => {
  it('every state has a name', () => {
    for (const state of LIVE_STATES) assert.ok(keys.includes(`state.${state}`), state);
  });

  it('values are filled in, and unknown ones stay visible', () => {
    assert.equal(translate('en', 'lobby.onAirCount', { count: 3 }), '3 live now');
    assert.equal(translate('zh', 'watch.behind', {}), '落后 {count} 秒');
  });
});

describe('language of the pages', () => {
  const cases: { name: string; stored: string | null; preferred: string[]; want: string }[] = [
    { name: 'what was chosen once', stored: 'zh', preferred: ['en'], want: 'zh' },
    { name: 'the first that there is', stored: null, preferred: ['fr', 'zh-Hant-TW', 'en'], want: 'zh' },
    { name: 'English for the rest', stored: 'xx', preferred: ['fr'], want: 'en' },
    { name: 'no preference at all', stored: null, preferred: [], want: 'en' },
  ];
  for (const { name, stored, preferred, want } of cases) {
    it(name, () => assert.equal(chooseLanguage(stored, preferred), want));
  }
});
