import assert from 'node:assert/strict';
import { forEachBounded } from '../../shared/for-each-bounded.ts';

/** A promise that a test resolves or rejects. */
function gate(): { readonly passed: Promise<void>; open(): void; fail(error: Error): void } {
  let open = (): void => {};
  let fail: (error: Error) => void = () => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}

/** Lets all that is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('forEachBounded', () => {
  it('does each item once, and no more of them at once than it may', async () => {
    let underWay = 0;
    let most = 0;
    const done: number[] = [];
    await forEachBounded([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await turn();
      underWay -= 1;
      done.push(item);
    });
    assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(most, 3);
  });

  for (const failing of [0, 1, 2]) {
    it(`rejects when item ${failing} of 3 fails last, whatever it had to wait for`, async () => {
      const gates = [gate(), gate(), gate()];
      const all = forEachBounded([0, 1, 2], 3, (item) => gates[item]?.passed ?? Promise.resolve());
      const outcome = all.then(
        () => 'done',
        (error: Error) => error.message,
      );
      await turn();
      for (const [item, each] of gates.entries()) if (item !== failing) each.open();
      await turn();
      gates[failing]?.fail(new Error(`item ${failing}`));
      assert.equal(await outcome, `item ${failing}`);
    });
  }

  it('rejects when the only item fails', async () => {
    const all = forEachBounded(['one'], 8, async () => {
      await turn();
      throw new Error('the only one');
    });
    await assert.rejects(all, /the only one/);
  });

  it('takes nothing when there is nothing', async () => {
    await forEachBounded([], 3, () => Promise.reject(new Error('never')));
  });

  it('rejects with a failure that comes while the next item is awaited, after all started work has ended', async () => {
    const [next, first, second] = [gate(), gate(), gate()];
    const begun: number[] = [];
    let ended = false;
    const items = async function* (): AsyncGenerator<number, void, undefined> {
      yield 1;
      yield 2;
      await next.passed;
      yield 3;
    };
    const all = forEachBounded(items(), 4, async (item) => {
      begun.push(item);
      await (item === 1 ? first : second).passed;
    });
    const outcome = all.then(
      () => 'done',
      (error: Error) => error.message,
    );
    void outcome.then(() => {
      ended = true;
    });
    await turn();
    first.fail(new Error('the first'));
    await turn();
    next.open();
    await turn();
    assert.equal(ended, false);
    second.fail(new Error('the second'));
    assert.equal(await outcome, 'the first');
    assert.deepEqual(begun, [1, 2]);
  });

  it('rejects with a failure of the iteration itself', async () => {
    const done: number[] = [];
    const items = async function* (): AsyncGenerator<number, void, undefined> {
      yield 1;
      await turn();
      throw new Error('no more');
    };
    const all = forEachBounded(items(), 4, async (item) => {
      await turn();
      await turn();
      done.push(item);
    });
    await assert.rejects(all, /no more/);
    assert.deepEqual(done, [1]);
  });
});
