import assert from 'node:assert/strict';
import { ByteCache, MAX_READING } from '../../../origin/archive/byte-cache.ts';

/** A read that ends when the test lets it. */
function held(): { readonly read: () => Promise<Buffer | null>; readonly end: (text: string) => void } {
  let end = (_text: string): void => {};
  const bytes = new Promise<Buffer>((resolve) => (end = (text) => resolve(Buffer.from(text))));
  return { read: () => bytes, end: (text) => end(text) };
}

describe('the cache of bytes', () => {
  it('has not what was deleted while it was read: an erased class does not come back', async () => {
    const cache = new ByteCache(1000);
    const slow = held();
    const asked = cache.get('a', slow.read);
    cache.delete('a');
    slow.end('erased');
    assert.equal(String(await asked), 'erased', 'who asked before gets it');
    assert.equal(cache.sizeBytes, 0);
    assert.equal(await cache.get('a', async () => null), null);
  });

  it('reads again for who asks after a deletion, and keeps that', async () => {
    const cache = new ByteCache(1000);
    const [old, fresh] = [held(), held()];
    const first = cache.get('a', old.read);
    cache.delete('a');
    const second = cache.get('a', fresh.read);
    fresh.end('new');
    assert.equal(String(await second), 'new');
    old.end('old');
    await first;
    assert.equal(String(await cache.get('a', async () => null)), 'new');
  });

  it('lets a bounded number of reads wait', async () => {
    const cache = new ByteCache(1000);
    const slow = held();
    const reads = Array.from({ length: MAX_READING }, (_, at) => cache.get(String(at), slow.read));
    await assert.rejects(cache.get('one more', slow.read), { code: 'store-unavailable', status: 503 });
    const joined = cache.get('0', slow.read);
    slow.end('x');
    await Promise.all([...reads, joined]);
    assert.equal(String(await cache.get('one more', async () => Buffer.from('y'))), 'y');
  });
});
