import { deepEqual, equal, rejects } from 'node:assert/strict';
import { RevalidatingCache, type Versioned } from '../../../../rollcall/ledger/redis/revalidating-cache.ts';
import { gate } from '../../../transcode/job-queue.contract.ts';

describe('a cache that asks for versions', () => {
  let nowMs = 0;
  let asked = 0;
  const cacheOf = (): RevalidatingCache<string[]> => {
    [nowMs, asked] = [0, 0];
    return new RevalidatingCache(200, () => nowMs);
  };
  const read =
    (version: string) =>
    async (cached: Versioned<string[]> | null): Promise<Versioned<string[]>> => {
      asked++;
      return cached?.version === version ? cached : { version, value: [version] };
    };

  it('asks once, however many want it, and not again while it is fresh', async () => {
    const cache = cacheOf();
    await Promise.all([1, 2, 3].map(() => cache.get('a', read('v1'))));
    nowMs = 199;
    deepEqual(await cache.get('a', read('v2')), ['v1']);
    equal(asked, 1);
    nowMs = 200;
    deepEqual(await cache.get('a', read('v2')), ['v2']);
    deepEqual(await cache.get('b', read('v3')), ['v3']);
  });

  it('gives the same value while the version is the same', async () => {
    const cache = cacheOf();
    const first = await cache.get('a', read('v1'));
    nowMs = 500;
    equal(await cache.get('a', read('v1')), first);
    equal(asked, 2);
  });

  it('gives who asks after a change nothing that was on its way before', async () => {
    const cache = cacheOf();
    const onItsWay = gate<Versioned<string[]>>();
    const early = cache.get('a', () => onItsWay.promise);
    cache.invalidate('a');
    deepEqual(await cache.get('a', read('v2')), ['v2']);
    onItsWay.open({ version: 'v1', value: ['v1'] });
    deepEqual(await early, ['v1']);
    deepEqual(await cache.get('a', read('v3')), ['v2']);
  });

  it('asks again after it failed, and after a clock that was set back', async () => {
    const cache = cacheOf();
    await rejects(
      cache.get('a', () => Promise.reject(new Error('away'))),
      /away/,
    );
    deepEqual(await cache.get('a', read('v1')), ['v1']);
    nowMs = -1000;
    deepEqual(await cache.get('a', read('v2')), ['v2']);
  });
});
