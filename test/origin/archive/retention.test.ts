import assert from 'node:assert/strict';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { initKey, segmentKey } from '../../../origin/archive/archive-keys.ts';
import { Eraser } from '../../../origin/archive/eraser.ts';
import { BLOCK_MS, blockAt } from '../../../origin/archive/index-block.ts';
import { rebuildIndex } from '../../../origin/archive/rebuild.ts';
import { blocksToErase, Retention, type RetentionRule } from '../../../origin/archive/retention.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { writePart } from '../../../origin/packager/cmaf/part-writer.ts';
import { describeSegment } from '../../../origin/packager/stored-segment.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { videoInit } from '../support/cmaf-init.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { syntheticSamples } from '../support/synthetic.ts';

const DAY_MS = 86_400_000;
const INIT = videoInit(360);
/** Where the first block begins. */
const FIRST_MS = blockAt(1_600_000_000_000);

describe('what retention erases', () => {
  const blocks = [0, 1, 2, 3].map((i) => ({ blockMs: i * BLOCK_MS, sizeBytes: 100 }));
  const nowMs = 4 * BLOCK_MS;
  const table: { name: string; rule: RetentionRule; want: number[] }[] = [
    { name: 'nothing without a rule', rule: { maxAgeMs: null, maxBytes: null }, want: [] },
    { name: 'nothing that is young', rule: { maxAgeMs: 4 * BLOCK_MS, maxBytes: null }, want: [] },
    { name: 'what ended too long ago', rule: { maxAgeMs: 2 * BLOCK_MS, maxBytes: null }, want: [0, 1] },
    { name: 'the oldest of what is too much', rule: { maxAgeMs: null, maxBytes: 250 }, want: [0, 1] },
    { name: 'nothing of what is just enough', rule: { maxAgeMs: null, maxBytes: 400 }, want: [] },
    { name: 'by the stricter of both', rule: { maxAgeMs: 2 * BLOCK_MS, maxBytes: 150 }, want: [0, 1, 2] },
    { name: 'everything', rule: { maxAgeMs: 0, maxBytes: null }, want: [0, 1, 2, 3] },
  ];
  for (const { name, rule, want } of table) {
    it(name, () => {
      assert.deepEqual(
        blocksToErase(blocks, rule, nowMs),
        want.map((i) => i * BLOCK_MS),
      );
    });
  }
});

describe('the past in the store', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let nowMs: number;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    nowMs = FIRST_MS + DAY_MS;
    // A segment in each of four blocks, on two channels.
    for (const channel of ['hall-7', 'hall-8']) {
      await store.put(initKey(channel, '360p', INIT.hash), INIT.bytes);
      for (let block = 0; block < 4; block += 1) await putSegment(channel, FIRST_MS + block * BLOCK_MS);
    }
    await rebuildIndex(store, undefined, () => {});
  });
  afterEach(() => directory.remove());

  const putSegment = async (channel: string, startMs: number): Promise<void> => {
    const number = startMs / 1600;
    const samples = syntheticSamples(INIT, startMs, startMs + 1600);
    const bytes = writePart({ init: INIT, sequenceNumber: 0, samples });
    await store.put(segmentKey(channel, startMs, describeSegment('360p', number, bytes, INIT)), bytes);
  };
  const indexKeys = () => [...store.objects.keys()].filter((key) => key.startsWith('index/')).toSorted();
  const mediaKeys = () => [...store.objects.keys()].filter((key) => key.startsWith('media/')).toSorted();
  const open = async () => {
    const clock = (): number => nowMs;
    const index = new ArchiveIndex(store, clock);
    const spool = await Spool.open(directory.path);
    const reader = new ArchiveReader({ ...{ store, spool, index, cacheBytes: 1e6 }, nowMs: clock });
    return { index, reader, eraser: new Eraser({ store, index, reader }) };
  };
  const all = { fromMs: FIRST_MS, toMs: FIRST_MS + 4 * BLOCK_MS };

  it('a rebuilt index is the index, whatever was in it', async () => {
    const before = new Map([...store.objects].filter(([key]) => key.startsWith('index/')));
    assert.equal(before.size, 8);
    for (const key of before.keys()) store.objects.delete(key);
    store.objects.set('index/hall-7/0.jsonl', Buffer.from('a block of nothing'));
    await store.put('media/hall-7/odd.txt', Buffer.from('x'));
    await store.put(`media/hall-7/2020-09-13/360p/${INIT.hash}/1.m4s`, Buffer.from('no segment'));
    await store.put('media/hall-7/2020-09-13/360p/0123456789ab/2.m4s', Buffer.from('no init'));
    const said: string[] = [];
    const rebuilt = await rebuildIndex(store, undefined, (line) => said.push(line));
    assert.deepEqual(new Map([...store.objects].filter(([key]) => key.startsWith('index/'))), before);
    assert.deepEqual(rebuilt, { segments: 8, blocks: 8, unreadable: 3 });
    assert.equal(said.filter((line) => line.includes('left out')).length, 3, said.join('\n'));
  });

  it('a rebuild of one channel leaves the others', async () => {
    const [first] = indexKeys();
    store.objects.delete(first ?? '');
    store.log.length = 0;
    await rebuildIndex(store, 'hall-8', () => {});
    assert.equal(indexKeys().length, 7);
    assert.ok(store.log.every((line) => !line.includes('hall-7')));
  });

  it('what is erased is not listed, not in the store and not in memory; what is kept is', async () => {
    const { index, reader, eraser } = await open();
    const number = FIRST_MS / 1600;
    assert.notEqual(await reader.segment('hall-7', '360p', number), null);
    const kept = { fromMs: FIRST_MS + BLOCK_MS, toMs: FIRST_MS + BLOCK_MS + 1 };
    const erased = await eraser.erase('hall-7', { ...all, toMs: FIRST_MS + 2 * BLOCK_MS }, [kept]);
    assert.equal(erased.segments, 1);
    assert.equal(await reader.segment('hall-7', '360p', number), null);
    assert.equal((await index.between('hall-7', all)).length, 3);
    assert.equal(mediaKeys().length, 7);
    assert.equal(indexKeys().length, 7);
  });

  it('takes it from the index first: what is listed is there, even if the store fails in between', async () => {
    const { eraser } = await open();
    const remove = store.delete.bind(store);
    store.delete = async (keys) => {
      if (keys.some((key) => key.startsWith('media/'))) throw new Error('gone away');
      await remove(keys);
    };
    await assert.rejects(eraser.erase('hall-7', all, []), /gone away/);
    const { index } = await open();
    assert.equal((await index.between('hall-7', all)).length, 3);
    assert.equal(mediaKeys().length, 8);
  });

  it('retention goes by each channel’s rule, says what it erased, and leaves what is watched', async () => {
    const { eraser, reader } = await open();
    const said: string[] = [];
    const erased: [string, number][] = [];
    const logger = {
      ...silentLogger,
      info: (fields: object, line: string) => void said.push(`${JSON.stringify(fields)} ${line}`),
    };
    const maxAgeMs = nowMs - FIRST_MS - 2 * BLOCK_MS;
    const retention = new Retention({
      ...{ store, eraser, logger, nowMs: () => nowMs },
      rule: (channel) => ({ maxAgeMs: channel === 'hall-7' ? maxAgeMs : null, maxBytes: null }),
      kept: () => [],
      onErased: (channel, beforeMs) => void erased.push([channel, beforeMs]),
    });
    await reader.segment('hall-7', '360p', FIRST_MS / 1600);
    await retention.run();
    // The first block is watched, and so is the one behind it soon.
    assert.equal(mediaKeys().length, 8);
    nowMs += 180_000;
    await retention.run();
    assert.equal(mediaKeys().length, 6);
    assert.deepEqual(erased, [
      ['hall-7', FIRST_MS + BLOCK_MS],
      ['hall-7', FIRST_MS + 2 * BLOCK_MS],
    ]);
    assert.match(said.join('\n'), /"channel":"hall-7","from":"2020-09-13T.*retention erased 1 segments/);
    assert.ok(mediaKeys().filter((key) => key.includes('hall-8')).length === 4);
  });

  it('retention by size keeps the newest', async () => {
    const { eraser } = await open();
    const sizeBytes = store.objects.get(mediaKeys()[0] ?? '')?.length ?? 0;
    const retention = new Retention({
      ...{ store, eraser, logger: silentLogger, nowMs: () => nowMs },
      rule: () => ({ maxAgeMs: null, maxBytes: 1.5 * sizeBytes }),
      kept: () => [],
      onErased: () => {},
    });
    await retention.run();
    assert.deepEqual(
      indexKeys(),
      ['hall-7', 'hall-8'].map((channel) => `index/${channel}/${FIRST_MS + 3 * BLOCK_MS}.jsonl`),
    );
    store.log.length = 0;
    await retention.run();
    assert.equal(store.log.filter((line) => line.startsWith('get')).length, 0, 'sizes are remembered');
  });
});
