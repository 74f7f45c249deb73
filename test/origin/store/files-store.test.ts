import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { draftName } from '../../../origin/store/drafts.ts';
import { FilesStore } from '../../../origin/store/files-store.ts';
import { ROOT } from '../../house/source-files.ts';
import { start } from '../../support/process.ts';
import { runOnSmallDisk } from '../../support/small-disk.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { listed, objectStoreContract } from './object-store.contract.ts';

describe('objects as files', () => {
  let directory: TempDir;
  let root: string;
  beforeEach(() => {
    directory = makeTempDir();
    root = join(directory.path, 'data', 'store');
  });
  afterEach(() => directory.remove());

  objectStoreContract('Files', () => FilesStore.open(root));

  it('are where their keys say, as in a bucket', async () => {
    const store = await FilesStore.open(root);
    await store.put('hall-7/720p/1.m4s', Buffer.from('segment'));
    assert.equal(readFileSync(join(root, 'hall-7', '720p', '1.m4s'), 'utf8'), 'segment');
    assert.deepEqual(readdirSync(root).sort(), ['.writing', 'hall-7']);
    assert.deepEqual(readdirSync(join(root, '.writing')), []);
  });

  it('leave no empty folder when they are deleted, and none that is not empty is touched', async () => {
    const store = await FilesStore.open(root);
    await store.put('a/b/c/1', Buffer.from('x'));
    await store.put('a/2', Buffer.from('x'));
    await store.delete(['a/b/c/1']);
    assert.deepEqual(readdirSync(join(root, 'a')), ['2']);
    await store.delete(['a/2']);
    assert.deepEqual(readdirSync(root), ['.writing']);
  });

  it('are put at the first try into a folder that is being emptied', async () => {
    const stores = [await FilesStore.open(root), await FilesStore.open(root)];
    const turns = async (lane: number): Promise<void> => {
      const store = stores[lane % 2];
      assert.ok(store);
      for (let at = 0; at < 100; at += 1) {
        await store.put(`a/b/${lane}`, Buffer.from(String(at)));
        assert.equal((await store.get(`a/b/${lane}`)).toString(), String(at));
        await store.delete([`a/b/${lane}`]);
      }
    };
    await Promise.all([0, 1, 2, 3].map(turns));
  }).timeout(60_000);

  it('are put whole when their draft is taken away, as by a machine that does not know of us', async () => {
    const store = await FilesStore.open(root);
    const drafts = join(root, '.writing');
    let taken = 0;
    const watcher = watch(drafts).on('change', () => {
      if (taken === 3) return;
      taken += 1;
      for (const name of readdirSync(drafts)) rmSync(join(drafts, name), { force: true });
    });
    const body = Buffer.alloc(10_000_000, 'whole');
    while (taken < 3) await store.put('a/b', body);
    watcher.close();
    assert.ok((await store.get('a/b')).equals(body));
  }).timeout(60_000);

  it('have drafts, of which only those that nobody writes any more are deleted at a start', async () => {
    const drafts = join(root, '.writing');
    const ours = draftName();
    const table: readonly { readonly name: string; readonly stays: boolean; readonly old?: true }[] = [
      { name: ours, stays: true },
      // A process that runs: whoever started this one.
      { name: `${process.ppid}-0123456789ab-1`, stays: true },
      // A process of our number before us, as in a container that was started again.
      { name: `${process.pid}-0123456789ab-1`, stays: false },
      { name: '2147483647-0123456789ab-1', stays: false },
      { name: `${process.ppid}-0123456789ab-2`, stays: false, old: true },
      { name: 'what-is-this', stays: false },
    ];
    mkdirSync(drafts, { recursive: true });
    for (const { name, old } of table) {
      writeFileSync(join(drafts, name), 'half');
      if (old === true) utimesSync(join(drafts, name), 0, 0);
    }
    await FilesStore.open(root);
    const staying = table.filter(({ stays }) => stays).map(({ name }) => name);
    assert.deepEqual(readdirSync(drafts).sort(), staying.sort());
  });

  it('exclude each other where one is the folder of the other: key-conflict, and the first stays', async () => {
    const store = await FilesStore.open(root);
    await store.put('a/b', Buffer.from('object'));
    await store.put('c/d/e', Buffer.from('object'));
    const conflict = { name: 'StoreError', code: 'key-conflict', status: 500 };
    await assert.rejects(store.put('a/b/c', Buffer.from('y')), conflict);
    await assert.rejects(store.put('c/d', Buffer.from('y')), conflict);
    await assert.rejects(store.put('c', Buffer.from('y')), conflict);
    for (const key of ['a/b', 'c/d/e']) assert.equal((await store.get(key)).toString(), 'object');
    assert.deepEqual(readdirSync(join(root, '.writing')), []);
  });

  it('are not those that somebody else has put there', async () => {
    const store = await FilesStore.open(root);
    await store.put('a', Buffer.from('x'));
    for (const name of ['.DS_Store', 'Thumbs.db', 'lost+found', '.nfs0001'])
      writeFileSync(join(root, name), 'x');
    mkdirSync(join(root, '.snapshots'));
    writeFileSync(join(root, '.snapshots', 'a'), 'x');
    assert.deepEqual(await listed(store, ''), [{ key: 'a', sizeBytes: 1 }]);
  });

  it('are whole or not there after kill -9 in the middle of a put, and the draft is deleted at the next start', async () => {
    const drafts = join(root, '.writing');
    const size = 64 * 1024 * 1024;
    let left = 0;
    for (let round = 0; round < 20 && left === 0; round += 1) {
      mkdirSync(drafts, { recursive: true });
      const watcher = watch(drafts);
      // The folder is tried when it is opened; bytes come only after that.
      const begun = (async () => {
        for (;;) {
          await once(watcher, 'change');
          if (sizesIn(drafts).some((bytes) => bytes > 0)) return;
        }
      })();
      const writer = start(
        process.execPath,
        ['--import', 'tsx', 'test/origin/store/support/put-for-ever.ts', root],
        {
          cwd: ROOT,
        },
      );
      await begun;
      await writer.stop('SIGKILL');
      watcher.close();
      left = sizesIn(drafts).length;

      const store = await FilesStore.open(root);
      assert.deepEqual(readdirSync(drafts), []);
      const whole = Buffer.alloc(size, 'whole');
      const found = await listed(store, '');
      for (const { key } of found) assert.ok((await store.get(key)).equals(whole), key);
      await store.delete(found.map(({ key }) => key));
    }
    assert.ok(left > 0, 'no writer was killed before its object was in its place');
  }).timeout(120_000);

  it('are refused on a full disk: store-full; what was put stays, and there is room again after a delete', async () => {
    const said = JSON.parse(await runOnSmallDisk('test/origin/store/support/fill-disk.ts')) as Record<
      string,
      unknown
    >;
    const { code, status, message, whole, intact, ...rest } = said;
    assert.equal(code, 'store-full');
    assert.equal(status, 507);
    assert.match(String(message), /put hall-7\/\d+: the disk is full$/);
    assert.ok(Number(whole) > 0);
    assert.equal(intact, whole);
    assert.deepEqual(rest, { drafts: 0, readable: true, afterRoom: 'put' });
  }).timeout(60_000);

  const unusable = [
    { name: 'is a file', prepare: (path: string) => writeFileSync(path, 'not ours') },
    {
      name: 'has a file where its drafts go',
      prepare: (path: string) => {
        mkdirSync(path);
        writeFileSync(join(path, '.writing'), 'not ours');
      },
    },
  ];
  for (const { name, prepare } of unusable) {
    it(`cannot be in a folder that ${name}: bad-data-dir at start, and it is named`, async () => {
      const path = join(directory.path, 'odd');
      prepare(path);
      await assert.rejects(FilesStore.open(path), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'bad-data-dir');
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
    });
  }

  it('cannot be where nothing may be made: bad-data-dir at start', async () => {
    // No user, not even root, may make a folder there.
    assert.ok(existsSync('/proc/self') || existsSync('/dev/null'));
    const path = existsSync('/proc/self') ? '/proc/lectern-store' : '/dev/null/store';
    await assert.rejects(FilesStore.open(path), { name: 'StoreError', code: 'bad-data-dir' });
  });

  it('say store-unavailable when their folder is gone, and do not make another one in its place', async () => {
    const store = await FilesStore.open(root);
    directory.remove();
    await assert.rejects(store.put('a', Buffer.from('x')), { code: 'store-unavailable', status: 503 });
    assert.equal(existsSync(root), false);
  });
});

function sizesIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const status = statSync(join(folder, name), { throwIfNoEntry: false });
    return status === undefined ? [] : [status.size];
  });
}
