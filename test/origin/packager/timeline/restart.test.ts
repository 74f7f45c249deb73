import assert from 'node:assert/strict';
import type { Candidate } from '../../../../origin/packager/splicer/splicer.ts';
import { Restart } from '../../../../origin/packager/timeline/restart.ts';
import { RunLog } from '../../../../origin/packager/timeline/run-log.ts';
import { START_MS, START_NUMBER } from '../../support/synthetic.ts';

const logOf = (group: string): RunLog =>
  new RunLog(1, {
    base: 0,
    runs: [{ firstNumber: START_NUMBER - 20, group, broadcast: 'b1', state: 'on-air' }],
  });
const restartOf = (group: string): Restart => new Restart(START_MS, 1, logOf(group));
const awaited = (group: string, nowMs: number, known: readonly Candidate[] = []): Candidate | null =>
  restartOf(group).awaited(START_NUMBER, nowMs, known, (kind) => (kind === 'live' ? 50 : undefined));

describe('a channel that was restarted', () => {
  it('awaits the feed that was on air for 5 s, as if it were alive', () => {
    const want = { id: '', group: 'live.b1#1', priority: 50, alive: true, connected: true, coverage: 'may' };
    assert.deepEqual(awaited('live.b1#1', START_MS + 4999), want);
    assert.equal(awaited('live.b1#1', START_MS + 5000), null);
  });

  it('awaits nothing where the slate was on air, and no feed that is here', () => {
    assert.equal(awaited('slate', START_MS), null);
    const here: Candidate = {
      id: 'live.b1',
      group: 'live.b1',
      priority: 50,
      alive: true,
      connected: true,
      coverage: 'may',
    };
    assert.equal(awaited('live.b1', START_MS, [here]), null);
  });

  it('shows what the log says in segments of before, and decides the others itself', () => {
    const restart = restartOf('live.b1');
    assert.equal(restart.loggedRun(START_NUMBER - 1)?.group, 'live.b1');
    assert.equal(restart.loggedRun(START_NUMBER - 21), undefined);
    assert.equal(restart.loggedRun(START_NUMBER), undefined);
  });

  it('goes on behind all that may have been listed where the feed stays away', () => {
    const restart = restartOf('live.b1');
    assert.equal(restart.resumeNumber(START_NUMBER - 3, true, START_MS + 9000), START_NUMBER - 2);
    assert.equal(restart.resumeNumber(START_NUMBER - 3, false, START_MS + 1700), START_NUMBER + 1);
    assert.equal(restart.resumeNumber(START_NUMBER - 3, false, START_MS + 9000), START_NUMBER + 3);
    assert.equal(restart.resumeNumber(START_NUMBER + 7, false, START_MS + 9000), START_NUMBER + 8);
  });
});
