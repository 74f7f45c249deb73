import assert from 'node:assert/strict';
import { StudentAttendances } from '../../../origin/attendance/student-attendances.ts';
import { StoreError } from '../../../shared/object-store.ts';
import { MemoryStore } from '../support/memory-store.ts';

const row = (id: string, name: string) => ({ id, name, group: '1', onRoster: true, answers: [] });
const attendance = (...students: readonly object[]): Buffer =>
  Buffer.from(JSON.stringify({ channel: 'hall-7', calls: [{ prompt: '714?' }], students }));

describe('the stored attendances of one student', () => {
  let store: MemoryStore;
  let students: StudentAttendances;
  beforeEach(async () => {
    store = new MemoryStore();
    students = new StudentAttendances(store);
    await store.put('attendance/hall-7/b1.json', attendance(row('714', '韩梅梅'), row('715', '李雷')));
    await store.put('attendance/hall-7/b2.json', attendance(row('715', '李雷 714')));
    await store.put('attendance/hall-7/b3.json', attendance(row('714', '韩梅梅')));
    await store.put('attendance/hall-8/b4.json', attendance(row('714', '另一人')));
  });
  const everything = (): string => [...store.objects.values()].map(String).join('\n');

  it('are found by her number, and by nothing that only looks like it', async () => {
    assert.deepEqual(await students.find('hall-7', '714'), [
      { broadcastId: 'b1', rows: [row('714', '韩梅梅')] },
      { broadcastId: 'b3', rows: [row('714', '韩梅梅')] },
    ]);
    assert.deepEqual(await students.find('hall-7', '71'), []);
  });

  it('are gone after she was erased: her name is nowhere in the store, and all others are', async () => {
    const erased = await students.erase('hall-7', '714');
    assert.equal(erased.length, 2);
    assert.ok(!everything().includes('韩梅梅'));
    assert.deepEqual(await students.find('hall-7', '714'), []);
    assert.equal((await students.find('hall-7', '715')).length, 2);
    assert.equal((await students.find('hall-8', '714')).length, 1, 'another channel is another matter');
  });

  it('are gone also when the roll call stores one at the same time', async () => {
    let isFirst = true;
    store.onPut = async (key) => {
      if (!isFirst) return;
      isFirst = false;
      // It is stored right after ours.
      queueMicrotask(() => store.objects.set(key, attendance(row('714', '韩梅梅'), row('716', '新'))));
    };
    await students.erase('hall-7', '714');
    assert.ok(!everything().includes('韩梅梅'));
  });

  it('of which one cannot be written hold up no other, and it is said', async () => {
    store.onPut = async (key) => {
      if (key.endsWith('/b1.json')) throw new StoreError('no', { code: 'store-denied' });
    };
    await assert.rejects(students.erase('hall-7', '714'), { code: 'store-denied' });
    assert.deepEqual(
      (await students.find('hall-7', '714')).map(({ broadcastId }) => broadcastId),
      ['b1'],
    );
  });
});
