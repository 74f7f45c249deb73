import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { createFileSync, makeFolder, replaceFile } from '../../shared/durable-file.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

describe('a durable file', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = makeTempDir();
  });
  afterEach(() => folder.remove());
  const path = (): string => join(folder.path, 'file');

  it('is new, or takes the place of an older one, and leaves no draft', async () => {
    await replaceFile(path(), 'first');
    assert.equal(readFileSync(path(), 'utf8'), 'first');
    const large = Buffer.alloc(3_000_000, 'second');
    let calls = 0;
    await replaceFile(path(), large, { progress: () => calls++ });
    assert.ok(readFileSync(path()).equals(large));
    assert.ok(calls >= 3, `progress was reported ${calls} times`);
    assert.deepEqual(readdirSync(folder.path), ['file']);
  });

  it('replaces a draft that a killed process left', async () => {
    writeFileSync(`${path()}.draft`, 'half of something that is longer');
    await replaceFile(path(), 'whole');
    assert.equal(readFileSync(path(), 'utf8'), 'whole');
    assert.deepEqual(readdirSync(folder.path), ['file']);
  });

  it('is never seen half-written, nor missing, while it is replaced', async () => {
    const [a, b] = [Buffer.alloc(400_000, 'a'), Buffer.alloc(300_000, 'b')];
    await replaceFile(path(), a);
    let writing = true;
    const written = (async () => {
      for (let count = 0; count < 20; count += 1) await replaceFile(path(), count % 2 === 0 ? b : a);
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const found = readFileSync(path());
      assert.ok(found.equals(a) || found.equals(b), `${found.length} bytes`);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await written;
    assert.ok(reads > 10);
  });

  it('stays as it was when the write is aborted', async () => {
    await replaceFile(path(), 'old');
    const signal = AbortSignal.abort(new Error('abandoned'));
    await assert.rejects(replaceFile(path(), 'new', { signal }), /abandoned/);
    assert.equal(readFileSync(path(), 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder.path), ['file']);
  });

  it('stays as it was when the disk is full', async () => {
    const said = JSON.parse(await runOnSmallDisk('test/shared/support/fill-disk.ts')) as object;
    assert.deepEqual(said, { refusal: 'ENOSPC', content: 'old', drafts: [] });
  }).timeout(60_000);

  it('makes its folders where that is wanted, and fails where it is not', async () => {
    const deep = join(folder.path, 'a', 'b', 'file');
    const draft = join(folder.path, 'draft');
    await assert.rejects(replaceFile(deep, 'x', { draft }), { code: 'ENOENT' });
    assert.deepEqual(readdirSync(folder.path), []);
    await replaceFile(deep, 'x', { draft, makeFolder: true });
    assert.equal(readFileSync(deep, 'utf8'), 'x');
    assert.deepEqual(readdirSync(folder.path), ['a']);
  });

  it('has its folders made once, and no file in their place', async () => {
    const deep = join(folder.path, 'a', 'b');
    await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(deep, 'c'))]);
    await makeFolder(deep);
    assert.ok(statSync(join(deep, 'c')).isDirectory());
    writeFileSync(path(), '');
    await assert.rejects(makeFolder(path()), { code: 'EEXIST' });
    await assert.rejects(makeFolder(join(path(), 'below')), { code: 'ENOTDIR' });
  });

  it('is flushed before it is renamed, and its folder after that', async () => {
    assert.deepEqual(await fileCalls(() => replaceFile(path(), 'x')), [
      `sync ${path()}.draft`,
      `rename ${path()}.draft ${path()}`,
      `sync ${folder.path}`,
    ]);
    const calls = await fileCalls(() => replaceFile(path(), 'x', { flush: false }));
    assert.deepEqual(calls, [`rename ${path()}.draft ${path()}`]);
  });
});

describe('a file that is created once', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = makeTempDir();
  });
  afterEach(() => folder.remove());

  it('has the content that came first, its permissions, and no draft beside it', () => {
    const path = join(folder.path, 'secret');
    createFileSync(path, 'first');
    createFileSync(path, 'second');
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ['secret']);
  });

  it('fails in a folder that does not exist', () => {
    assert.throws(() => createFileSync(join(folder.path, 'none', 'secret'), 'x'), { code: 'ENOENT' });
  });
});

/** Runs something, and lists what it syncs and renames on its way, in order. */
async function fileCalls(work: () => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  const { open, rename } = files;
  files.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      calls.push(`sync ${String(path)}`);
      await sync();
    };
    return handle;
  };
  files.rename = async (from, to) => {
    calls.push(`rename ${String(from)} ${String(to)}`);
    await rename(from, to);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(files, { open, rename });
    syncBuiltinESMExports();
  }
  return calls;
}
