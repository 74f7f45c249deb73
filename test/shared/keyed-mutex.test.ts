import assert from 'node:assert/strict';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';

/** Lets all that is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a mutex for each key', () => {
  it('does work on one key in order, one after the other, and on another key at once', async () => {
    const mutex = new KeyedMutex();
    const said: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      said.push(`${name} begins`);
      await turn();
      said.push(`${name} ends`);
      return name;
    };
    const all = [mutex.run('a', work('a1')), mutex.run('a', work('a2')), mutex.run('b', work('b1'))];
    assert.deepEqual(await Promise.all(all), ['a1', 'a2', 'b1']);
    assert.deepEqual(
      said.filter((line) => line.startsWith('a')),
      ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends'],
    );
    assert.ok(said.indexOf('b1 begins') < said.indexOf('a1 ends'));
  });

  it('goes on after work that failed, and tells its caller alone', async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.run('a', () => Promise.reject(new Error('a fault')));
    const next = mutex.run('a', async () => 'done');
    await assert.rejects(failed, /a fault/);
    assert.equal(await next, 'done');
  });

  it('forgets a key that nobody works on, and no other', async () => {
    const mutex = new KeyedMutex();
    let finish = (): void => {};
    const last = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const first = mutex.run('a', async () => {});
    const second = mutex.run('a', () => last);
    await first;
    assert.equal(mutex.size, 1);
    finish();
    await second;
    assert.equal(mutex.size, 0);
  });
});
