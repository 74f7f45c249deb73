import assert from 'node:assert/strict';
import { SharedName } from '../../../player/rollcall/shared-name.ts';

describe('a name that several on the class list have', () => {
  const lookedUp: string[] = [];
  let waiting: (() => void)[] = [];
  let shared: SharedName;
  beforeEach(() => {
    lookedUp.length = 0;
    waiting = [];
    shared = new SharedName({
      isShared: async (name) => {
        lookedUp.push(name);
        return name === '王芳';
      },
      later: (run) => {
        waiting.push(run);
        return () => {
          waiting = waiting.filter((other) => other !== run);
        };
      },
    });
  });
  const quiet = async (): Promise<void> => {
    for (const run of waiting.splice(0)) run();
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('is asked about once, before an answer is sent under it', async () => {
    for (const name of ['王', '王芳', null, '王芳']) shared.written(name);
    await quiet();
    assert.deepEqual(lookedUp, ['王芳'], 'only when nothing more is written');
    assert.deepEqual([shared.mustAsk('王芳'), shared.mustAsk('王芳')], [true, false]);
  });

  it('is not asked about with class or number behind it, nor another name', async () => {
    for (const name of ['王芳 7-1', '李雷']) {
      shared.written(name);
      await quiet();
      assert.equal(shared.mustAsk(name), false);
    }
  });

  it('holds up no answer that is given before it is known', async () => {
    shared.written('王芳');
    assert.equal(shared.mustAsk('王芳'), false);
    await quiet();
    assert.equal(shared.mustAsk('王芳'), true);
  });
});
