import assert from 'node:assert/strict';
import { basePathOf, withBase, withoutBase } from '../../../player/net/base-path.ts';

describe('the path under which a proxy passes the server on', () => {
  const cases = [
    { base: '', path: '/watch/hall-7', address: '/watch/hall-7' },
    { base: '/lectern', path: '/', address: '/lectern/' },
    { base: '/lectern', path: '/watch/hall-7', address: '/lectern/watch/hall-7' },
    {
      base: '/school/lectern',
      path: '/t/a.b.c/live/x/index.m3u8',
      address: '/school/lectern/t/a.b.c/live/x/index.m3u8',
    },
    { base: '/watch', path: '/watcher', address: '/watch/watcher' },
  ];
  for (const { base, path, address } of cases) {
    it(`${base} and ${path} are ${address}`, () => {
      assert.equal(withBase(path, base), address);
      assert.equal(withBase(address, base), address);
      assert.equal(withoutBase(address, base), path);
    });
  }

  it('is left alone in addresses of other servers, and out of paths that do not have it', () => {
    assert.equal(withBase('https://cdn.test/live', '/lectern'), 'https://cdn.test/live');
    assert.equal(withoutBase('/lecterns/live', '/lectern'), '/lecterns/live');
    assert.equal(withoutBase('/lectern', '/lectern'), '/');
  });

  for (const content of [null, '', 'lectern', '//evil.test', '/a b', '/a/', '/a"b']) {
    it(`is none in ${JSON.stringify(content)}`, () => assert.equal(basePathOf(content), ''));
  }
});
