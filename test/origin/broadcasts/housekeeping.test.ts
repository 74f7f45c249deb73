import assert from 'node:assert/strict';
import { BLOCK_MS, blockAt } from '../../../origin/archive/index-block.ts';
import { deleteBroadcast } from '../../../origin/broadcasts/broadcast-record.ts';
import { StoreError } from '../../../shared/object-store.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { LibraryOnStage, lesson, lineOf, runLog } from '../support/library-on-stage.ts';
import { MemoryStore } from '../support/memory-store.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = blockAt(1_600_000_000_000);
/** Everything from the first block is too old by then. */
const LATER_MS = FIRST_MS + 20 * DAY_MS;

describe('housekeeping', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let clock: { nowMs: number };
  let origin: LibraryOnStage;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    clock = { nowMs: FIRST_MS };
    origin = await start();
  });
  afterEach(() => directory.remove());

  const start = (logs = {}): Promise<LibraryOnStage> =>
    LibraryOnStage.start(store, clock, directory.path, logs);
  const media = (): number => origin.keys('media/').length;
  /** An old class with its media, and what may be said of it. */
  const past = async (id: string, startMs: number, more = {}): Promise<void> => {
    const broadcast = lesson(id, startMs, more);
    await origin.record(broadcast.channel, startMs, startMs + 32_000);
    origin.library.put(broadcast);
    await origin.library.settled();
  };

  describe('with a library that is not whole', () => {
    beforeEach(async () => {
      await past('kept', FIRST_MS, { keep: true });
      await past('other', FIRST_MS, { channel: 'hall-8' });
      clock.nowMs = LATER_MS;
      // A start, as far as the library goes.
      origin = await start();
    });

    it('nothing is erased on a channel while one of its broadcasts cannot be had', async () => {
      const get = store.get.bind(store);
      store.get = async (key) => {
        if (key === 'broadcasts/hall-7/kept.json') {
          throw new StoreError('503', { code: 'store-unavailable', status: 503 });
        }
        return get(key);
      };
      await origin.housekeeping.retain();
      assert.deepEqual(
        origin.keys('media/').map((key) => key.split('/')[1]),
        ['hall-7', 'hall-7'],
      );
      store.get = get;
      await origin.housekeeping.retain();
      assert.equal(media(), 2);
      assert.deepEqual(
        origin.library.of('hall-7').map(({ id }) => id),
        ['kept'],
      );
    });

    it('nothing is erased on a channel with a broadcast that cannot be read', async () => {
      store.objects.set('broadcasts/hall-7/kept.json', Buffer.from('{"keep":true'));
      await origin.housekeeping.retain();
      assert.deepEqual(
        origin.keys('media/').map((key) => key.split('/')[1]),
        ['hall-7', 'hall-7'],
      );
    });

    it('what was marked elsewhere since the library was read is kept', async () => {
      const elsewhere = await start();
      await elsewhere.housekeeping.refresh();
      await elsewhere.library.change('hall-7', 'kept', (known) => ({ ...known, keep: false }));
      await origin.housekeeping.refresh();
      // While retention looks at what there is.
      const list = store.list.bind(store);
      store.list = async function* (prefix, options) {
        if (prefix === 'index/') {
          await elsewhere.library.change('hall-7', 'kept', (known) => ({ ...known, keep: true }));
        }
        yield* list(prefix, options);
      };
      await origin.housekeeping.retain();
      assert.equal(origin.keys('media/hall-7/').length, 2);
    });
  });

  it('goes on until nothing is left to erase', async () => {
    const starts = Array.from({ length: 150 }, (_, i) => FIRST_MS + i * BLOCK_MS);
    await origin.record('hall-7', ...starts);
    clock.nowMs = LATER_MS;
    await origin.housekeeping.retain();
    assert.deepEqual([origin.keys('media/'), origin.keys('index/')], [[], []]);
  });

  it('a broadcast that nobody ended keeps no more than it can have been', async () => {
    origin.library.put(lesson('a', FIRST_MS, { endMs: null }));
    const inIt = FIRST_MS + 2 * BLOCK_MS;
    const longAfter = FIRST_MS + 2 * DAY_MS;
    await origin.record('hall-7', inIt, longAfter);
    await origin.library.settled();
    clock.nowMs = LATER_MS;
    await origin.housekeeping.retain();
    assert.deepEqual(
      origin.keys('media/').map((key) => Number.parseInt(key.split('/').at(-1) ?? '', 10)),
      [inIt / 1600],
    );
  });

  it('a broadcast of which nothing is left goes, and does not come back with the log of runs', async () => {
    await past('a', FIRST_MS);
    clock.nowMs = LATER_MS;
    await origin.housekeeping.retain();
    assert.equal(origin.library.size, 0);
    const log = runLog([
      [FIRST_MS, 'on-air', 'a'],
      [FIRST_MS + 60_800, 'over'],
    ]);
    origin = await start({ 'hall-7': log });
    await origin.housekeeping.refresh();
    origin.visit('hall-7');
    await origin.library.settled();
    assert.equal(origin.library.size, 0);
  });

  describe('a deleted broadcast', () => {
    const log = {
      'hall-7': runLog([
        [FIRST_MS, 'on-air', 'a'],
        [FIRST_MS + 60_800, 'over'],
      ]),
    };
    const remove = () => origin.library.change('hall-7', 'a', (known) => deleteBroadcast(known, clock.nowMs));
    beforeEach(async () => {
      await past('a', FIRST_MS);
      await past('b', FIRST_MS + 64_000);
      clock.nowMs = FIRST_MS + BLOCK_MS;
      await origin.housekeeping.refresh();
    });

    it('has its media erased after a minute, and that of no other', async () => {
      await remove();
      await origin.housekeeping.discard();
      assert.equal(media(), 4);
      clock.nowMs += 60_000;
      await origin.housekeeping.discard();
      assert.equal(media(), 2);
      store.log.length = 0;
      await origin.housekeeping.discard();
      assert.deepEqual(store.log, [], 'once');
    });

    it('stays deleted over a restart, and its media goes all the same', async () => {
      await remove();
      clock.nowMs += 60_000;
      origin = await start(log);
      origin.visit('hall-7');
      await origin.housekeeping.refresh();
      origin.visit('hall-7');
      await origin.library.settled();
      assert.deepEqual(
        origin.library.of('hall-7').map(({ id }) => id),
        ['b'],
      );
      await origin.housekeeping.discard();
      assert.equal(media(), 2);
    });

    it('is forgotten when no log of runs is believed any more', async () => {
      await remove();
      clock.nowMs += 60_000;
      await origin.housekeeping.discard();
      clock.nowMs += 32 * DAY_MS;
      await origin.housekeeping.discard();
      assert.deepEqual(origin.keys('broadcasts/'), ['broadcasts/hall-7/b.json']);
      origin = await start(log);
      await origin.housekeeping.refresh();
      origin.visit('hall-7');
      await origin.library.settled();
      assert.equal(origin.library.get('hall-7', 'a'), undefined);
    });

    it('is erased with what of it comes to the store late', async () => {
      const late = lineOf(FIRST_MS + 16_000);
      origin.index.add('hall-7', late);
      await remove();
      clock.nowMs += 60_000;
      await origin.housekeeping.discard();
      assert.equal(media(), 4, 'what waits would be there again');
      await origin.record('hall-7', FIRST_MS + 16_000);
      await origin.housekeeping.discard();
      assert.equal(media(), 2);
    });

    it('is erased again where another origin brings some of it after that', async () => {
      const elsewhere = await start();
      elsewhere.index.add('hall-7', lineOf(FIRST_MS + 16_000));
      await elsewhere.housekeeping.discard();
      await remove();
      clock.nowMs += 60_000;
      await origin.housekeeping.discard();
      assert.equal(media(), 2);
      // Its line to the store is back.
      await elsewhere.record('hall-7', FIRST_MS + 16_000);
      assert.equal(media(), 3);
      await elsewhere.housekeeping.refresh();
      await elsewhere.housekeeping.discard();
      assert.equal(media(), 2);
    });

    it('that cannot be erased keeps no other from it', async () => {
      await remove();
      await origin.record('hall-8', FIRST_MS);
      origin.library.put(lesson('c', FIRST_MS, { channel: 'hall-8' }));
      await origin.library.settled();
      await origin.library.change('hall-8', 'c', (known) => deleteBroadcast(known, clock.nowMs));
      store.objects.set(`index/hall-7/${FIRST_MS}.jsonl`, Buffer.from('damaged'));
      clock.nowMs += 60_000;
      await origin.housekeeping.discard();
      assert.deepEqual(origin.keys('media/hall-8/'), []);
      assert.equal(media(), 4);
    });
  });
});
