import assert from 'node:assert/strict';
import { CachedBody } from '../../../origin/cached-text/cached-body.ts';

const AT_MS = 1_700_000_000_000;

describe('a text that is cached for a second', () => {
  const table = [
    { name: 'at once', atMs: AT_MS, want: 'first' },
    { name: 'just before its second is over', atMs: AT_MS + 999, want: 'first' },
    { name: 'after its second', atMs: AT_MS + 1000, want: 'second' },
    { name: 'by a clock that was set back', atMs: AT_MS - 3_600_000, want: 'second' },
  ];
  for (const { name, atMs, want } of table) {
    it(`is the ${want} one ${name}`, () => {
      const cached = new CachedBody(1000);
      cached.at(AT_MS, () => 'first');
      assert.equal(cached.at(atMs, () => 'second').plain.toString(), want);
    });
  }

  it('is rendered again after it was discarded', () => {
    const cached = new CachedBody(1000);
    cached.at(AT_MS, () => 'first');
    cached.clear();
    assert.equal(cached.at(AT_MS, () => 'second').plain.toString(), 'second');
  });
});
