import assert from 'node:assert/strict';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { broadcastKey } from '../../../origin/broadcasts/broadcast-store.ts';
import { KnownBroadcasts } from '../../../origin/broadcasts/known-broadcasts.ts';
import { broadcast } from '../support/broadcast-record.ts';

const deleted = (id: string, more: Partial<BroadcastRecord> = {}): BroadcastRecord =>
  broadcast(id, 1000, { deletedMs: 99_000, ...more });

describe('the broadcasts that are known', () => {
  it('of a channel that are deleted: those whose media is not erased', () => {
    const known = new KnownBroadcasts();
    const idsOf = (channel: string): string[] => known.deletedOf(channel).map(({ id }) => id);
    for (const id of ['a', 'b', 'c', 'd']) known.set(deleted(id), null);
    known.set(deleted('e', { isErased: true }), null);
    known.set(deleted('a', { channel: 'hall-8' }), null);
    known.set(broadcast('f', 1000), null);
    assert.deepEqual([idsOf('hall-7'), idsOf('hall-8'), idsOf('hall-9')], [['a', 'b', 'c', 'd'], ['a'], []]);
    known.set(deleted('a', { isErased: true }), 'v2');
    known.set(broadcast('b', 1000), 'v2');
    known.delete(broadcastKey({ channel: 'hall-7', id: 'c' }));
    known.setUnreadable(broadcastKey({ channel: 'hall-8', id: 'a' }), 'v2');
    known.set(deleted('f'), 'v2');
    assert.deepEqual([idsOf('hall-7'), idsOf('hall-8')], [['d', 'f'], []]);
    assert.deepEqual(known.deleted.map(({ id }) => id).toSorted(), ['a', 'd', 'e', 'f']);
  });

  it('of one channel are found without a look at those of others', () => {
    const known = new KnownBroadcasts();
    let looks = 0;
    for (let i = 0; i < 100; i += 1) {
      const other = deleted(`b${i}`, { channel: 'hall-8' });
      known.set(
        new Proxy(other, {
          get: (record, name, self) => {
            looks += 1;
            return Reflect.get(record, name, self);
          },
        }),
        null,
      );
    }
    looks = 0;
    assert.deepEqual(known.deletedOf('hall-7'), []);
    assert.equal(looks, 0);
  });
});
