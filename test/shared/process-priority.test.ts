import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import {
  niceFor,
  setWorkPriority,
  WORK_PRIORITIES,
  type Work,
  WORKS,
} from '../../shared/process-priority.ts';

/** The nice values of all threads of a process: field 19 of /proc/pid/task/tid/stat. */
function threadNices(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

describe('the order of the processes of one machine', () => {
  it('is: sound, the lowest rung, live answers, upper rungs, the roll call, and then the background', () => {
    const order: Work[] = ['sound', 'lowest-rung', 'live', 'upper-rung', 'roll-call', 'background'];
    assert.deepEqual(WORKS, order);
    for (const raised of [true, false]) {
      const nices = order.map((work) => niceFor(work, 0, raised));
      assert.deepEqual(
        nices,
        nices.toSorted((a, b) => a - b),
      );
    }
    const raised = order.map((work) => WORK_PRIORITIES[work].raised);
    assert.equal(
      new Set(raised).size,
      order.length,
      'each has a value of its own where the system allows it',
    );
  });

  for (const { name, work, ownNice, raised, want } of [
    { name: 'raised: its own value', work: 'sound', ownNice: -7, raised: true, want: -10 },
    {
      name: 'raised: the background is below strangers',
      work: 'background',
      ownNice: -7,
      raised: true,
      want: 10,
    },
    {
      name: 'not raised: sound is not less urgent than a stranger',
      work: 'sound',
      ownNice: 0,
      raised: false,
      want: 0,
    },
    {
      name: 'not raised: an upper rung gives one step away',
      work: 'upper-rung',
      ownNice: 0,
      raised: false,
      want: 1,
    },
    {
      name: "not raised: the start's own value counts",
      work: 'background',
      ownNice: 5,
      raised: false,
      want: 15,
    },
    { name: 'not raised: 19 is the last one', work: 'background', ownNice: 15, raised: false, want: 19 },
  ] as const) {
    it(name, () => assert.equal(niceFor(work, ownNice, raised), want));
  }

  it('sets every thread of a child that is running', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log(1)'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const pid = child.pid ?? -1;
      setWorkPriority(pid, 'background');
      const want = niceFor('background', getPriority(0), false);
      assert.equal(getPriority(pid), want);
      const threads = threadNices(pid);
      assert.ok(threads.length > 1, 'node has several threads');
      assert.deepEqual(new Set(threads), new Set([want]));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });

  it('never throws: a process that is over is left alone', async () => {
    const child = spawn('true', { stdio: 'ignore' });
    await once(child, 'close');
    setWorkPriority(child.pid ?? -1, 'sound');
  });
});
