import { deepEqual, equal, rejects } from 'node:assert/strict';
import { Lessons } from '../../../rollcall/lesson/lessons.ts';
import { RollCallError } from '../../../rollcall/roll-call-error.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';
import { type LessonLedger, startLessonLedger } from '../support/lesson-ledger.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;
const FIRST = { id: 'b1', startMs: START_MS };

describe('the lessons of a channel', () => {
  let on: LessonLedger;
  let ends: Map<string, number | null>;
  let isAway: boolean;
  let asked: number;
  let lessons: Lessons;
  beforeEach(async () => {
    on = await startLessonLedger();
    ends = new Map([['b1', null]]);
    isAway = false;
    asked = 0;
    const broadcastEnd = async (_channel: string, id: string): Promise<{ endMs: number | null } | null> => {
      asked++;
      if (isAway) throw new RollCallError('away', { code: 'origin-unavailable', status: 503 });
      const endMs = ends.get(id);
      return endMs === undefined ? null : { endMs };
    };
    lessons = new Lessons({ ledger: on.ledger, origin: { broadcastEnd }, nowMs: () => on.clock.nowMs });
    on.clock.nowMs = START_MS;
    await on.open('c1', { broadcast: FIRST });
    // She watched ten minutes of the lesson, and forty of another one that began after two hours.
    const minutes = [...Array(10).keys(), ...Array.from({ length: 40 }, (_, i) => 120 + i)];
    await on.watch(
      { sub: 'li', name: '李雷', rosterId: null },
      minutes.map((minute) => START_MS / MINUTE_MS + minute),
    );
    on.clock.nowMs += 180 * MINUTE_MS;
  });
  afterEach(() => on.remove());

  const watched = async (): Promise<number | undefined> =>
    (await lessons.attendance('hall-7', 'b1'))?.students[0]?.watchedMinutes;

  it('have no minutes of the one after them: the origin knows the end', async () => {
    ends.set('b1', START_MS + 45 * MINUTE_MS);
    equal(await watched(), 10);
    const kept = await lessons.ofBroadcast('hall-7', FIRST, null);
    deepEqual([kept?.lesson.endMs, kept?.students[0]?.watchedMinutes], [START_MS + 45 * MINUTE_MS, 10]);
  });

  it('have none where the origin is away, and a call of the next one is known', async () => {
    isAway = true;
    await on.open('c2', { broadcast: { id: 'b2', startMs: START_MS + 120 * MINUTE_MS } });
    equal(await watched(), 10);
  });

  it('have none where the origin is away, and the next one was seen on air', async () => {
    isAway = true;
    lessons.note('hall-7', { id: 'b2', startMs: START_MS + 120 * MINUTE_MS });
    equal(await watched(), 10);
  });

  it('are not taken for keeping while the end cannot be told, nor of what no origin has', async () => {
    isAway = true;
    await rejects(lessons.ofBroadcast('hall-7', FIRST, null), { code: 'origin-unavailable' });
    isAway = false;
    equal(await lessons.ofBroadcast('hall-7', { id: 'gone', startMs: START_MS }, null), null);
  });

  it('are none where no call was made', async () => {
    equal(await lessons.attendance('hall-7', 'b9'), null);
    equal(await lessons.attendance('hall-8', null), null);
  });

  it('are taken once for all who ask at a time; the origin is asked every half minute', async () => {
    equal(await watched(), 50);
    equal(asked, 1);
    ends.set('b1', START_MS + 45 * MINUTE_MS);
    on.clock.nowMs += 30_000;
    equal(await watched(), 10);
    const both = [lessons.attendance('hall-7', 'b1'), lessons.attendance('hall-7', 'b1')];
    const [first, second] = await Promise.all(both);
    equal(first, second);
  });
});
