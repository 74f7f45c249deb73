import assert from 'node:assert/strict';
import { CachedBody } from '../../../origin/rendered/cached-body.ts';

const AT_MS = 1_700_000_000_000;

describe('a text that is kept for a second', () => {
  const table = [
    { name: 'at once', atMs: AT_MS, want: 'first' },
    { name: 'just before its second is over', atMs: AT_MS + 999, want: 'first' },
    { name: 'after its second', atMs: AT_MS + 1000, want: 'second' },
    { name: 'by a clock that was set back', atMs: AT_MS - 3_600_000, want: 'second' },
  ];
  for (const { name, atMs, want } of table) {
    it(`is the ${want} one ${name}`, () => {
      const kept = new CachedBody(1000);
      kept.at(AT_MS, () => 'first');
      assert.equal(kept.at(atMs, () => 'second').plain.toString(), want);
    });
  }

  it('is written anew once it was forgotten', () => {
    const kept = new CachedBody(1000);
    kept.at(AT_MS, () => 'first');
    kept.clear();
    assert.equal(kept.at(AT_MS, () => 'second').plain.toString(), 'second');
  });
});
