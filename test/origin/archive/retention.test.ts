import assert from 'node:assert/strict';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { indexKey, initKey, segmentKey } from '../../../origin/archive/archive-keys.ts';
import { Eraser } from '../../../origin/archive/eraser.ts';
import { BLOCK_MS, blockAt, formatBlock } from '../../../origin/archive/index-block.ts';
import { rebuildIndex } from '../../../origin/archive/rebuild-index.ts';
import { Retention, type RetentionDeps } from '../../../origin/archive/retention.ts';
import type { RetentionRule } from '../../../origin/archive/retention-plan.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { writePart } from '../../../origin/packager/cmaf/part-writer.ts';
import { describeSegment, type StoredSegment } from '../../../origin/packager/recording/stored-segment.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { videoInit } from '../support/cmaf-init.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { syntheticSamples } from '../support/synthetic.ts';

const DAY_MS = 86_400_000;
const INIT = videoInit(360);
/** Where the first block begins. */
const FIRST_MS = blockAt(1_600_000_000_000);

/** A line of the index, of some size. */
const lineOf = (startMs: number, sizeBytes: number): StoredSegment => ({
  ...{ rendition: '360p', number: startMs / 1600, startTicks: startMs * 90, durationTicks: 144_000 },
  ...{ timescaleHz: 90_000, frames: 40, initHash: 'aaaaaaaaaaaa', sizeBytes },
});

describe('what retention erases', () => {
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
  });
  const list = async (channel: string, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const blockMs = FIRST_MS + i * BLOCK_MS;
      await store.put(indexKey(channel, blockMs), Buffer.from(formatBlock([lineOf(blockMs, 100)])));
    }
  };
  type Rule = RetentionRule & { protectedBlocks?: number[]; watched?: number[]; damaged?: number[] };
  /** Runs it once over blocks of 100 bytes that are numbered from 0; what it erases is only said. */
  const run = async (rule: (channel: string) => Rule, nowMs: number) => {
    const erased: string[] = [];
    const gone: string[] = [];
    const numberOf = (timeMs: number): number => (timeMs - FIRST_MS) / BLOCK_MS;
    const eraser: RetentionDeps['eraser'] = {
      isWatched: (channel, { fromMs }) => rule(channel).watched?.includes(numberOf(fromMs)) === true,
      erase: async (channel, { fromMs, toMs }, kept) => {
        const number = numberOf(fromMs);
        assert.equal(toMs - fromMs, BLOCK_MS);
        if (rule(channel).damaged?.includes(number)) throw new TypeError('damaged');
        if (kept.some((range) => range.fromMs <= fromMs && range.toMs > fromMs)) {
          return { segments: 0, sizeBytes: 0 };
        }
        erased.push(`${channel} ${number}`);
        return { segments: 1, sizeBytes: 100 };
      },
    };
    const retention = new Retention({
      ...{ store, eraser, logger: silentLogger, nowMs: () => nowMs, rule },
      protectedRanges: async (channel) =>
        (rule(channel).protectedBlocks ?? []).map((number) => {
          const fromMs = FIRST_MS + number * BLOCK_MS;
          return { fromMs, toMs: fromMs + BLOCK_MS };
        }),
      onErased: async (channel, beforeMs) => void gone.push(`${channel} ${numberOf(beforeMs)}`),
    });
    const isMore = await retention.run();
    return { erased, gone, isMore };
  };
  const table: { name: string; rule: Rule; want: number[]; gone?: number }[] = [
    { name: 'nothing without a rule', rule: { maxAgeMs: null, maxBytes: null }, want: [] },
    { name: 'nothing that is young', rule: { maxAgeMs: 4 * BLOCK_MS, maxBytes: null }, want: [] },
    {
      name: 'what ended too long ago',
      rule: { maxAgeMs: 2 * BLOCK_MS, maxBytes: null },
      want: [0, 1],
      gone: 2,
    },
    {
      name: 'the oldest of what is too much',
      rule: { maxAgeMs: null, maxBytes: 250 },
      want: [0, 1],
      gone: 2,
    },
    { name: 'nothing of what is just enough', rule: { maxAgeMs: null, maxBytes: 400 }, want: [] },
    {
      name: 'by the stricter of both',
      rule: { maxAgeMs: 2 * BLOCK_MS, maxBytes: 150 },
      want: [0, 1, 2],
      gone: 3,
    },
    { name: 'everything', rule: { maxAgeMs: 0, maxBytes: null }, want: [0, 1, 2, 3], gone: 4 },
    {
      name: 'nothing that is kept, and by size what comes after it in its place',
      rule: { maxAgeMs: null, maxBytes: 250, protectedBlocks: [0] },
      want: [1, 2],
      gone: 3,
    },
    {
      name: 'nothing that is watched, nor anything younger in its place',
      rule: { maxAgeMs: null, maxBytes: 250, watched: [0] },
      want: [1],
    },
    {
      name: 'what is behind a block that cannot be read',
      rule: { maxAgeMs: BLOCK_MS, maxBytes: null, damaged: [1] },
      want: [0, 2],
      gone: 1,
    },
  ];
  for (const { name, rule, want, gone } of table) {
    it(name, async () => {
      await list('hall-7', 4);
      assert.deepEqual(await run(() => rule, FIRST_MS + 4 * BLOCK_MS), {
        erased: want.map((number) => `hall-7 ${number}`),
        gone: gone === undefined ? [] : [`hall-7 ${gone}`],
        isMore: false,
      });
    });
  }

  it('goes on behind more kept blocks than a run erases, and in the channels after', async () => {
    await list('hall-7', 210);
    await list('hall-8', 2);
    const kept = Array.from({ length: 205 }, (_, i) => i);
    const rule = (channel: string): Rule => ({
      ...{ maxAgeMs: 0, maxBytes: null },
      protectedBlocks: channel === 'hall-7' ? kept : [],
    });
    const { erased, isMore } = await run(rule, FIRST_MS + 210 * BLOCK_MS);
    const want = [205, 206, 207, 208, 209].map((number) => `hall-7 ${number}`);
    assert.deepEqual(erased.toSorted(), [...want, 'hall-8 0', 'hall-8 1']);
    assert.equal(isMore, false);
  });

  it('gives each channel its share of a run, and says that there is more', async () => {
    await list('hall-7', 300);
    await list('hall-8', 2);
    const rule = { maxAgeMs: 0, maxBytes: null };
    const { erased, gone, isMore } = await run(() => rule, FIRST_MS + 300 * BLOCK_MS);
    assert.equal(isMore, true);
    assert.equal(erased.filter((line) => line.startsWith('hall-8')).length, 2);
    assert.equal(erased.length, 66);
    assert.deepEqual(gone.toSorted(), ['hall-7 64', 'hall-8 300']);
  });
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
    const archive = { discardUnstored: async () => {} };
    return { index, reader, eraser: new Eraser({ store, index, reader, archive }) };
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
    assert.equal(said.filter((line) => line.includes('skipped')).length, 3, said.join('\n'));
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

  it('what is erased while the store fails is erased by the next try, and nothing is left', async () => {
    const remove = store.delete.bind(store);
    let fails = 0;
    store.delete = async (keys) => {
      if (fails-- > 0 && keys.some((key) => key.startsWith('media/'))) throw new Error('gone away');
      await remove(keys);
    };
    fails = 1;
    const { eraser } = await open();
    await assert.rejects(eraser.erase('hall-7', all, []), /gone away/);
    // As after a kill: all that is known of it is in the store.
    const again = await open();
    // The blocks after the one that failed were erased all the same.
    assert.equal((await again.eraser.erase('hall-7', all, [])).segments, 1);
    assert.deepEqual(
      [...mediaKeys(), ...indexKeys()].filter((key) => key.includes('hall-7')),
      [],
    );
  });

  it('what is listed while a block is erased stays listed', async () => {
    const { eraser, index } = await open();
    const remove = store.delete.bind(store);
    store.delete = async (keys) => {
      await remove(keys);
      if (!keys.some((key) => key.startsWith('media/'))) return;
      const late = lineOf(FIRST_MS + 1600, 100);
      index.add('hall-7', late);
      index.markStored('hall-7', late);
      await index.flush('hall-7');
    };
    await eraser.erase('hall-7', { ...all, toMs: FIRST_MS + BLOCK_MS }, []);
    assert.deepEqual(
      (await index.listed('hall-7', FIRST_MS)).map(({ number }) => number),
      [FIRST_MS / 1600 + 1],
    );
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
      protectedRanges: async () => [],
      onErased: async (channel, beforeMs) => void erased.push([channel, beforeMs]),
    });
    await reader.segment('hall-7', '360p', FIRST_MS / 1600);
    await retention.run();
    // The first block is watched, and so is the one behind it soon.
    assert.equal(mediaKeys().length, 8);
    nowMs += 180_000;
    await retention.run();
    assert.equal(mediaKeys().length, 6);
    // Before the first nothing is left in any case.
    assert.deepEqual(erased, [
      ['hall-7', FIRST_MS],
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
      protectedRanges: async () => [],
      onErased: async () => {},
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
