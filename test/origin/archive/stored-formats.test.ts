import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { parseSegmentKey } from '../../../origin/archive/archive-keys.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { BroadcastLibrary } from '../../../origin/broadcasts/broadcast-library.ts';
import { LibrarySnapshot } from '../../../origin/broadcasts/library-snapshot.ts';
import { broadcastKey } from '../../../origin/broadcasts/broadcast-store.ts';
import { ChannelMarks } from '../../../origin/marks/channel-marks.ts';
import { storyboardSchema } from '../../../origin/storyboard/storyboard.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { MemoryStore } from '../support/memory-store.ts';

/**
 * What 0.1 wrote, byte for byte. These texts are never changed to fit the code: schools have terabytes of them.
 */
const BLOCK_KEY = 'index/hall-7/1600000000000.jsonl';
const BLOCK = `{"format":"lectern-index","version":1}
["360p",1000000000,144000000000000,144000,90000,40,"aaaaaaaaaaaa",100]
["audio",1000000000,76800000001024,76800,48000,75,"bbbbbbbbbbbb",25000]
`;
const MEDIA_KEY = 'media/hall-7/2020-09-13/360p/aaaaaaaaaaaa/1000000000.m4s';
const SPOOL_FILE = 'hall-7/360p/aaaaaaaaaaaa/1000000001-144000000144000-144000-90000-40-5.m4s';
const RECORD_KEY = 'broadcasts/hall-7/b1.json';
const RECORD = `{"id":"b1","channel":"hall-7","title":"Fractions","grade":7,"subject":"Mathematics","teacher":"Ms Li","language":"zh","startMs":1600000000000,"endMs":1600002700800,"gaps":[{"startMs":1600000300800,"endMs":1600000360000}],"trimStartMs":1600000010000,"marks":[{"id":"c1","kind":"choice","atMs":1600000600000,"endMs":1600000630000,"label":"3/4 or 4/3?"}],"keep":true,"hasStoryboard":true}
`;
const DELETED_KEY = 'broadcasts/x.-hall/b2.json';
const DELETED = `{"id":"b2","channel":"-hall","title":"Poems","language":"zh","startMs":1600000000000,"endMs":1600002700800,"gaps":[],"keep":false,"deletedMs":1600003000000,"isErased":true}
`;
const SNAPSHOT_KEY = 'catalogue/0.jsonl';
const MARKS = '[{"id":"c1","kind":"presence","atMs":1600000600000,"endMs":null,"label":""}]';
const STORYBOARD = '{"timesMs":[1600000000000,1600000004800],"sheets":1}';

describe('what 0.1 has stored', () => {
  let directory: TempDir;
  let store: MemoryStore;
  const put = (key: string, text: string): unknown => store.objects.set(key, Buffer.from(text, 'utf8'));
  beforeEach(() => {
    directory = makeTempDir();
    store = new MemoryStore();
  });
  afterEach(() => directory.remove());

  it('the index and its segments are read', async () => {
    put(BLOCK_KEY, BLOCK);
    put(MEDIA_KEY, 'media');
    const index = new ArchiveIndex(store, () => 1.7e12);
    const spool = await Spool.open(join(directory.path, 'spool'));
    const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e6, nowMs: () => 1.7e12 });
    const found = await index.between('hall-7', { fromMs: 1.6e12, toMs: 1.6e12 + 1000 });
    assert.deepEqual(
      found.map(({ rendition, number, frames, sizeBytes }) => [rendition, number, frames, sizeBytes]),
      [
        ['360p', 1_000_000_000, 40, 100],
        ['audio', 1_000_000_000, 75, 25_000],
      ],
    );
    assert.equal((await reader.segment('hall-7', '360p', 1_000_000_000))?.toString(), 'media');
    assert.deepEqual(parseSegmentKey(MEDIA_KEY), {
      ...{ channel: 'hall-7', rendition: '360p', initHash: 'aaaaaaaaaaaa', number: 1_000_000_000 },
    });
  });

  it('the spool is recovered', async () => {
    const folder = join(directory.path, 'spool');
    mkdirSync(dirname(join(folder, SPOOL_FILE)), { recursive: true });
    writeFileSync(join(folder, SPOOL_FILE), 'media');
    writeFileSync(join(folder, 'hall-7/360p/aaaaaaaaaaaa/init.mp4'), 'init');
    const spool = await Spool.open(folder);
    const [init, segment] = await spool.recover(() => {});
    assert.deepEqual(init, { kind: 'init', channel: 'hall-7', rendition: '360p', hash: 'aaaaaaaaaaaa' });
    assert.ok(segment?.kind === 'segment');
    assert.deepEqual(
      [segment.segment.number, segment.segment.frames, spool.sizeBytes],
      [1_000_000_001, 40, 5],
    );
    assert.equal((await spool.read(segment))?.toString(), 'media');
  });

  it('broadcasts are read, protected and deleted ones too', async () => {
    put(RECORD_KEY, RECORD);
    put(DELETED_KEY, DELETED);
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    const known = library.getOrThrow('hall-7', 'b1');
    assert.equal(`${JSON.stringify(known)}\n`, RECORD);
    assert.deepEqual([library.size, library.isWhole('hall-7')], [1, true]);
    assert.equal(library.isDeleted('-hall', 'b2'), true);
    await library.change('hall-7', 'b1', (broadcast) => ({ ...broadcast, title: 'Fractions' }));
    assert.equal(store.objects.get(RECORD_KEY)?.toString(), RECORD, 'an unchanged record is written alike');
  });

  it('the snapshot of the library is read', async () => {
    put(SNAPSHOT_KEY, `["v1",${RECORD.trim()}]\n["v2",torn`);
    const read = await new LibrarySnapshot(store, silentLogger).read(broadcastKey);
    assert.deepEqual([...read.keys()], [RECORD_KEY]);
    assert.equal(read.get(RECORD_KEY)?.version, 'v1');
  });

  it('marks and storyboards are read', async () => {
    mkdirSync(join(directory.path, 'marks'));
    writeFileSync(join(directory.path, 'marks', 'hall-7.json'), MARKS);
    const marks = await ChannelMarks.open(directory.path, ['hall-7'], silentLogger);
    assert.deepEqual(
      marks.of('hall-7').map(({ id, kind }) => [id, kind]),
      [['c1', 'presence']],
    );
    assert.deepEqual(storyboardSchema.parse(JSON.parse(STORYBOARD)).timesMs.length, 2);
  });
});
