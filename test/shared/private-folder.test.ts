import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, replaceFile } from '../../shared/durable-file.ts';
import { makePrivate } from '../../shared/private-folder.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

describe('a private folder', () => {
  let directory: TempDir;
  let folder: string;
  const failures: string[] = [];
  beforeEach(() => {
    directory = makeTempDir();
    folder = join(directory.path, 'data');
    failures.length = 0;
  });
  afterEach(() => directory.remove());

  const close = (): Promise<void> => makePrivate(folder, (path) => failures.push(path));
  const modes = (): string[] => {
    const below = readdirSync(folder, { recursive: true, withFileTypes: true });
    return [
      folder,
      ...below.filter((entry) => !entry.isSymbolicLink()).map((e) => join(e.parentPath, e.name)),
    ].map((path) => (statSync(path).mode & 0o777).toString(8));
  };

  it('has nothing that other accounts may read, whoever wrote it, however deep', async () => {
    const deep = join(folder, 'store', 'attendance', 'hall-7');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'b1.json'), 'names');
    writeFileSync(join(folder, 'demo.yaml'), 'key');
    mkdirSync(join(folder, 'empty'));
    for (const path of ['', 'store', 'store/attendance', 'store/attendance/hall-7', 'empty']) {
      chmodSync(join(folder, path), 0o755);
    }
    for (const path of ['demo.yaml', 'store/attendance/hall-7/b1.json']) chmodSync(join(folder, path), 0o664);
    await close();
    assert.deepEqual(new Set(modes()), new Set(['700', '600']));
    assert.deepEqual(failures, []);
  });

  it('goes on where an earlier run was killed: what is in an open folder is looked at', async () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(join(folder, 'a', 'b', 'c'), 'x');
    chmodSync(join(folder, 'a', 'b', 'c'), 0o644);
    chmodSync(join(folder, 'a', 'b'), 0o755);
    chmodSync(join(folder, 'a'), 0o755);
    chmodSync(folder, 0o700);
    await close();
    assert.deepEqual(new Set(modes()), new Set(['700', '600']));
  });

  it('takes nothing from its owner: a program in it still runs', async () => {
    mkdirSync(folder);
    const modes = { ffmpeg: [0o755, 0o700], 'lectern.yaml': [0o644, 0o600], 'read-only': [0o444, 0o400] };
    for (const [name, [before = 0]] of Object.entries(modes)) {
      writeFileSync(join(folder, name), 'x');
      chmodSync(join(folder, name), before);
    }
    await close();
    for (const [name, [, after]] of Object.entries(modes)) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, after, name);
    }
  });

  it('leaves what links point to', async () => {
    const other = join(directory.path, 'other');
    writeFileSync(other, 'x');
    chmodSync(other, 0o644);
    mkdirSync(folder);
    symlinkSync(other, join(folder, 'link'));
    await close();
    assert.equal(statSync(other).mode & 0o777, 0o644);
  });

  it('need not exist', async () => {
    await close();
    assert.deepEqual(failures, []);
  });

  it('is what new files and folders are made in, whatever the umask is and whatever a kill has left', async () => {
    const umask = process.umask(0);
    try {
      await makeFolder(folder);
      writeFileSync(join(folder, 'x.json.draft'), 'left over');
      chmodSync(join(folder, 'x.json.draft'), 0o666);
      await replaceFile(join(folder, 'x.json'), 'y');
      await replaceFile(join(folder, 'a', 'b', 'z'), 'y', {
        draft: join(folder, 'z.draft'),
        makeFolder: true,
      });
    } finally {
      process.umask(umask);
    }
    assert.deepEqual(new Set(modes()), new Set(['700', '600']));
  });
});
