import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Store } from '../../../origin/store/s3-store.ts';
import { describeError } from '../../../shared/errors.ts';
import { startMinio } from '../../support/minio.ts';
import type { S3Server } from '../../support/s3-server.ts';
import { addUser, startVersitygw } from '../../support/versitygw.ts';
import { bodyOf, listed, objectStoreContract } from './object-store.contract.ts';

const servers = [
  { name: 'MinIO', start: () => startMinio() },
  { name: 'versitygw', start: startVersitygw },
];
for (const { name, start } of servers) {
  describe(`objects in a bucket of ${name}`, () => {
    let server: S3Server;
    let count = 0;
    before(async () => {
      server = await start();
    });
    after(() => server.stop());

    const open = (more: Partial<ConstructorParameters<typeof S3Store>[0]> = {}): S3Store =>
      new S3Store({ ...server, bucket: `bucket-${++count}`, prefix: '', region: 'us-east-1', ...more });

    objectStoreContract(`${name}, the top of a bucket`, async () => open());
    objectStoreContract(`${name}, below a prefix`, async () =>
      open({ bucket: 'shared', prefix: `school/${++count}` }),
    );

    it('are in one bucket with those of other prefixes, and neither sees the other', async () => {
      const [one, two, all] = ['city/one', 'city/one-more', ''].map((prefix) =>
        open({ bucket: 'both', prefix }),
      );
      assert.ok(one && two && all);
      await Promise.all([one.put('a', Buffer.from('1')), two.put('a', Buffer.from('2'))]);
      assert.equal((await one.get('a')).toString(), '1');
      assert.deepEqual(await listed(one, ''), [{ key: 'a', sizeBytes: 1 }]);
      assert.deepEqual(
        (await listed(all, '')).map(({ key }) => key),
        ['city/one-more/a', 'city/one/a'],
      );
      await one.delete(['a']);
      assert.equal((await two.get('a')).toString(), '2');
      await Promise.all([one, two, all].map((store) => store.close()));
    });

    it('have their bucket made, by several who come at once', async () => {
      const stores = Array.from({ length: 5 }, () => open({ bucket: 'made-at-once' }));
      await Promise.all(stores.map((store, at) => store.put(`a/${at}`, Buffer.from('x'))));
      const [first] = stores;
      assert.ok(first);
      assert.equal((await listed(first, 'a/')).length, 5);
      await Promise.all(stores.map((store) => store.close()));
    });

    const wrong = [
      { name: 'a wrong secret key', keys: { secretKey: 'not-the-secret-key' } },
      { name: 'an access key that nobody has', keys: { accessKey: 'nobody-at-all' } },
    ];
    for (const { name, keys } of wrong) {
      it(`are refused with ${name}: store-denied, with the endpoint and without the keys`, async () => {
        const store = open(keys);
        const used = { ...server, ...keys };
        await assert.rejects(store.check(), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'store-denied');
          const text = describeError(error);
          assert.ok(text.includes(server.endpoint), text);
          assert.ok(!text.includes(used.accessKey) && !text.includes(used.secretKey), text);
          return true;
        });
        await assert.rejects(store.put('a', Buffer.from('x')), { code: 'store-denied' });
        await store.close();
      });
    }

    it('are out of reach while the server is away, store-unavailable, and there when it is back', async () => {
      const store = open();
      const [small, large] = [bodyOf(1000), bodyOf(20_000_000)];
      await store.put('small', small);
      await store.put('large', large);
      await server.kill();
      for (const operation of [
        store.put('small', Buffer.from('x')),
        store.put('large', Buffer.alloc(20_000_000)),
        store.get('small'),
        store.getRange('small', 0, 1),
        store.stat('small'),
        store.delete(['small']),
        listed(store, ''),
      ]) {
        await assert.rejects(operation, { name: 'StoreError', code: 'store-unavailable', status: 503 });
      }
      await server.restart();
      assert.ok((await store.get('small')).equals(small));
      assert.ok((await store.get('large')).equals(large));
      await store.put('new', small);
      assert.equal((await listed(store, '')).length, 3);
      await store.close();
    }).timeout(60_000);

    it('are put whole or not at all when the server is killed under a put', async () => {
      const store = open();
      const body = bodyOf(20_000_000);
      const puts = Array.from({ length: 8 }, async (_, at) => {
        await store.put(`large/${at}`, body);
        return at;
      });
      const first = Promise.race(puts);
      await first;
      await server.kill();
      const done = (await Promise.allSettled(puts)).flatMap((put) =>
        put.status === 'fulfilled' ? [put.value] : [],
      );
      assert.ok(done.length > 0);
      await server.restart();
      const found = await listed(store, 'large/');
      for (const { key } of found) assert.ok((await store.get(key)).equals(body), key);
      for (const at of done)
        assert.ok(
          found.some(({ key }) => key === `large/${at}`),
          `${at} was confirmed`,
        );
      await store.close();
    }).timeout(60_000);

    it('wait for a server that is not yet there when they are opened', async () => {
      const store = open();
      await server.kill();
      await assert.rejects(store.check(), { code: 'store-unavailable' });
      await server.restart();
      await store.put('a', Buffer.from('x'));
      assert.equal((await store.get('a')).toString(), 'x');
      await store.close();
    });
  });
}

describe('what only versitygw can show', () => {
  let server: S3Server;
  before(async () => {
    server = await startVersitygw();
  });
  after(() => server.stop());

  it('is a bucket that the access key may not create: no-such-bucket', async () => {
    const pupil = { accessKey: 'pupil-key', secretKey: 'pupil-secret' };
    await addUser(server, pupil);
    const store = new S3Store({ ...server, ...pupil, bucket: 'not-there', prefix: '', region: 'us-east-1' });
    await assert.rejects(store.check(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'no-such-bucket');
      assert.match(
        error.message,
        /\/not-there: open: the bucket does not exist, and the access key may not create it$/,
      );
      return true;
    });
    await store.close();
  });

  it('is a bucket of somebody else: store-denied', async () => {
    const pupil = { accessKey: 'other-pupil-key', secretKey: 'other-pupil-secret' };
    await addUser(server, pupil);
    const theirs = new S3Store({ ...server, bucket: 'theirs', prefix: '', region: 'us-east-1' });
    await theirs.check();
    const store = new S3Store({ ...server, ...pupil, bucket: 'theirs', prefix: '', region: 'us-east-1' });
    await assert.rejects(store.check(), { code: 'store-denied' });
    await Promise.all([theirs.close(), store.close()]);
  });

  it('is a wrong region: store-denied, and the server says which it wants', async () => {
    const store = new S3Store({ ...server, bucket: 'lectern', prefix: '', region: 'eu-west-1' });
    await assert.rejects(store.check(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'store-denied');
      assert.match(describeError(error), /us-east-1/);
      return true;
    });
    await store.close();
  });

  it('is that an object in a bucket has the bytes of the same object as a file, under the same name', async () => {
    const store = new S3Store({ ...server, bucket: 'lectern', prefix: 'p', region: 'us-east-1' });
    const body = bodyOf(20_000_000);
    await store.put('hall-7/1.m4s', body);
    assert.ok(readFileSync(join(server.folder, 'lectern', 'p', 'hall-7', '1.m4s')).equals(body));
    await store.close();
  });

  it('is a key that is the folder of another one: key-conflict, and the first stays', async () => {
    const store = new S3Store({ ...server, bucket: 'lectern', prefix: 'q', region: 'us-east-1' });
    await store.put('a/b', Buffer.from('object'));
    await assert.rejects(store.put('a/b/c', Buffer.from('y')), { code: 'key-conflict' });
    assert.equal((await store.get('a/b')).toString(), 'object');
    await store.close();
  });
});
