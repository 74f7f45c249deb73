import assert from 'node:assert/strict';
import { STRINGS, type TextKey, chooseLanguage, translate } from '../../player/text/strings.ts';
import { VIEW_STATES } from '../../player/playback/view-state.ts';

const keys = Object.keys(STRINGS.en) as TextKey[];

describe('texts', () => {
  it('both languages have all of them', () => {
    assert.deepEqual(Object.keys(STRINGS.zh).sort(), [...keys].sort());
  });

  it('a text has the same values in both languages', () => {
    const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of keys) assert.deepEqual(values(STRINGS.zh[key]), values(STRINGS.en[key]), key);
  });

  it('every state has a name, and every text but the details is not empty', () => {
    for (const state of VIEW_STATES) assert.ok(keys.includes(`state.${state}`), state);
    for (const key of keys.filter((key) => !key.endsWith('.detail'))) {
      assert.notEqual(STRINGS.en[key].trim(), '', key);
      assert.notEqual(STRINGS.zh[key].trim(), '', key);
    }
  });

  it('values are filled in, and unknown ones stay visible', () => {
    assert.equal(translate('en', 'lobby.onAirCount', { count: 3 }), '3 on air now');
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
