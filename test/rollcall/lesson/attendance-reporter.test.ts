import { deepEqual, equal, match } from 'node:assert/strict';
import type { StoredCall } from '../../../rollcall/ledger/ledger.ts';
import type { LessonAttendance } from '../../../rollcall/lesson/attendance.ts';
import { Lessons } from '../../../rollcall/lesson/lessons.ts';
import type { SubmitOutcome } from '../../../rollcall/lesson/origin-client.ts';
import { AttendanceReporter } from '../../../rollcall/lesson/attendance-reporter.ts';
import { RollCallError } from '../../../rollcall/roll-call-error.ts';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type LessonLedger, startLessonLedger } from '../support/lesson-ledger.ts';

type Broadcast = NonNullable<StoredCall['broadcast']>;

/** After this a call of 20 s and 10 s of grace is over, also one of a gateway that was killed; milliseconds. */
const LONG_OVER_MS = 100_000;

/** An origin in memory, and what it was told. */
class FakeOrigin {
  onAir: Broadcast | null = null;
  /** What marks are answered with; the broadcast on air when there is nothing. */
  markedIn: Broadcast | null | undefined = undefined;
  readonly rejects = new Set<string>();
  /** Calls that one of the origins has not heard of. */
  readonly misses = new Set<string>();
  /** What fails now: call ids, `putAttendance`, `broadcastEnd`. */
  readonly fails = new Set<string>();
  readonly marks: string[] = [];
  readonly stored: { readonly id: string; readonly attendance: LessonAttendance }[] = [];
  readonly ends = new Map<string, number>();
  /** A hand-over that is waited for; null for none. */
  stuck: Promise<void> | null = null;

  async putMark(
    { callId }: StoredCall,
    isOver: boolean,
  ): Promise<SubmitOutcome<{ broadcast: StoredCall['broadcast']; isMissing: boolean }>> {
    this.marks.push(`${callId} ${isOver ? 'over' : 'open'}`);
    this.#reach(callId);
    if (this.rejects.has(callId)) return { kind: 'rejected', reason: 'too old' };
    const broadcast = this.markedIn === undefined ? this.onAir : this.markedIn;
    return { kind: 'accepted', broadcast, isMissing: this.misses.has(callId) };
  }

  async currentBroadcast(): Promise<StoredCall['broadcast']> {
    this.#reach('broadcast');
    return this.onAir;
  }

  async broadcastEnd(_channel: string, id: string): Promise<{ endMs: number | null }> {
    this.#reach('broadcastEnd');
    return { endMs: this.ends.get(id) ?? null };
  }

  async putAttendance(id: string, attendance: LessonAttendance): Promise<SubmitOutcome<object>> {
    this.#reach('putAttendance');
    if (attendance.channel === 'hall-8') await this.stuck;
    this.stored.push({ id, attendance });
    return { kind: 'accepted' };
  }

  #reach(what: string): void {
    if (this.fails.has(what)) {
      throw new RollCallError('away', { code: 'origin-unavailable', status: 503 });
    }
  }
}

describe('the attendance reporter', () => {
  let on: LessonLedger;
  let origin: FakeOrigin;
  let present: string[];
  let said: string[];
  let reporter: AttendanceReporter;
  const start = (): AttendanceReporter => {
    const nowMs = (): number => on.clock.nowMs;
    const logger: Logger = {
      ...silentLogger,
      warn: (fields, message) => said.push(`${message} ${JSON.stringify(fields)}`),
    };
    return new AttendanceReporter({
      ...{ ledger: on.ledger, origin, nowMs, logger, configuredChannels: ['hall-7', 'hall-8'] },
      lessons: new Lessons({ ledger: on.ledger, origin, nowMs }),
      activeChannels: () => present,
    });
  };
  beforeEach(async () => {
    on = await startLessonLedger();
    origin = new FakeOrigin();
    present = ['hall-7'];
    said = [];
    reporter = start();
  });
  afterEach(async () => {
    await reporter.stop();
    await on.remove();
  });

  const calls = async (): Promise<readonly StoredCall[]> => on.ledger.calls('hall-7');
  const settled = async (): Promise<string[]> =>
    (await calls()).filter((call) => call.settled).map(({ callId }) => callId);
  const after = async (ms: number): Promise<void> => {
    on.clock.nowMs += ms;
    await reporter.run();
  };
  const classAt = (id: string): Broadcast => ({ id, startMs: on.clock.nowMs });

  it('enters a call when it is opened, and once more when it is over; then it is settled', async () => {
    const call = await on.open('c1');
    reporter.onChange(call);
    await after(1000);
    deepEqual([origin.marks, await settled()], [['c1 open'], []]);
    await after(31_000);
    deepEqual([origin.marks, await settled()], [['c1 open', 'c1 over'], ['c1']]);
    await after(31_000);
    equal(origin.marks.length, 2);
  });

  it('enters a call again that an origin has not heard of, ever more seldom, until it has', async () => {
    origin.misses.add('c1');
    reporter.onChange(await on.open('c1', { windowMs: 600_000 }));
    for (let i = 0; i < 15; i++) await after(2000);
    // After the first time: at once, then 2, 4 and 8 s after the one before.
    deepEqual(origin.marks, Array(5).fill('c1 open'));
    origin.misses.clear();
    await after(300_000);
    await after(2000);
    await after(2000);
    equal(origin.marks.length, 6);
  });

  it('enters a call again that no origin took, while it is open', async () => {
    origin.fails.add('c1');
    reporter.onChange(await on.open('c1', { windowMs: 600_000 }));
    await after(100);
    origin.fails.clear();
    await after(300_000);
    await after(2000);
    deepEqual(new Set(origin.marks), new Set(['c1 open']));
    const { length } = origin.marks;
    await after(2000);
    equal(origin.marks.length, length);
  });

  it('settles all calls but the one that fails, which is tried again, ever more seldom', async () => {
    origin.fails.add('c1');
    for (const id of ['c1', 'c2', 'c3']) {
      reporter.onChange(await on.open(id));
      on.clock.nowMs += 25_000;
    }
    await after(LONG_OVER_MS);
    deepEqual(await settled(), ['c2', 'c3']);
    const tries = async (lookMs: number, looks: number): Promise<number> => {
      const before = origin.marks.length;
      for (let i = 0; i < looks; i++) await after(lookMs);
      return origin.marks.length - before;
    };
    // 2, 4, 8, 16 and 32 s after the one before.
    equal(await tries(2000, 31), 5);
    origin.fails.clear();
    await after(300_000);
    deepEqual(await settled(), ['c1', 'c2', 'c3']);
  });

  it('is done with a call that the origin does not take, and says so once', async () => {
    reporter.onChange(await on.open('c1'));
    origin.rejects.add('c1');
    on.clock.nowMs += 25_000;
    reporter.onChange(await on.open('c2'));
    await after(LONG_OVER_MS);
    await after(LONG_OVER_MS);
    deepEqual(await settled(), ['c1', 'c2']);
    equal(origin.marks.filter((mark) => mark === 'c1 over').length, 1);
    equal(said.filter((line) => line.includes('c1')).length, 1);
    match(said.join('\n'), /call c1 will not be marked in the streams: too old/);
  });

  it('files a call under the class that the origin names, though another was known here', async () => {
    origin.onAir = classAt('b1');
    await reporter.run();
    equal(reporter.broadcastOf('hall-7')?.id, 'b1');
    on.clock.nowMs += 15_000;
    const next = classAt('b2');
    origin.onAir = next;
    reporter.onChange(await on.open('c1', { broadcast: reporter.broadcastOf('hall-7') }));
    await waitFor('the new class', async () => (await calls())[0]?.broadcast?.id === 'b2');
    deepEqual((await calls())[0]?.broadcast, next);
    // What is on air is asked at once, and not in half a minute.
    await after(2000);
    equal(reporter.broadcastOf('hall-7')?.id, 'b2');
  });

  it('leaves a call in its class where the origin names none', async () => {
    const first = classAt('b1');
    reporter.onChange(await on.open('c1', { broadcast: first }));
    origin.markedIn = null;
    await after(LONG_OVER_MS);
    deepEqual([(await calls())[0]?.broadcast, await settled()], [first, ['c1']]);
  });

  it('hands over the attendance when the class has ended, until it is taken', async () => {
    await on.roster(['1', '李雷']);
    origin.onAir = classAt('b1');
    await reporter.run();
    origin.onAir = null;
    origin.fails.add('putAttendance');
    await after(30_000);
    present = [];
    await after(2000);
    await after(4000);
    deepEqual(origin.stored, []);
    origin.fails.clear();
    await after(8000);
    deepEqual(
      origin.stored.map(({ id }) => id),
      ['b1'],
    );
    await after(300_000);
    equal(origin.stored.length, 1);
  });

  it('hands it over when the last one has gone home', async () => {
    await on.roster(['1', '李雷']);
    origin.onAir = classAt('b1');
    await reporter.run();
    present = [];
    await after(2000);
    equal(origin.stored.length, 1);
  });

  it('keeps the class list of a lesson that is settled late, and the end of its broadcast', async () => {
    await on.roster(['1', '李雷']);
    const first = classAt('b1');
    origin.onAir = first;
    await reporter.run();
    const call = await on.open('c1', { broadcast: first });
    reporter.onChange(call);
    await on.answer(call, '1', '李雷');
    origin.fails.add('c1').add('broadcastEnd');
    on.clock.nowMs += 40_000;
    origin.onAir = null;
    origin.ends.set('b1', on.clock.nowMs);
    await reporter.run();
    equal(origin.stored.length, 0);
    await on.roster(['1', '韩梅梅']);
    origin.fails.clear();
    await after(7_200_000);
    const attendance = origin.stored.at(-1)?.attendance;
    deepEqual(
      attendance?.students.map(({ name, answers }) => [name, ...answers.map(({ status }) => status)]),
      [['李雷', 'present']],
    );
    equal(attendance?.lesson.endMs, origin.ends.get('b1'));
    deepEqual(await settled(), ['c1']);
  });

  it('settles what was left before it was started, also where nobody comes', async () => {
    present = [];
    await on.open('c1', { broadcast: classAt('b1') });
    on.clock.nowMs += LONG_OVER_MS;
    await reporter.stop();
    reporter = start();
    await reporter.run();
    deepEqual(await settled(), ['c1']);
  });

  it('leaves a call of another gateway to that one for a minute', async () => {
    await on.open('c1');
    await after(89_000);
    deepEqual(await settled(), []);
    await after(2000);
    deepEqual(await settled(), ['c1']);
  });

  it('hands over all classes at once when it stops, and says which it could not', async () => {
    await on.roster(['1', '李雷']);
    await on.ledger.putRoster('hall-8', [{ id: '1', name: '李雷', group: '' }]);
    present = ['hall-8', 'hall-7'];
    origin.onAir = classAt('b1');
    await reporter.run();
    let release = (): void => {};
    origin.stuck = new Promise((resolve) => {
      release = resolve;
    });
    await reporter.stop();
    release();
    equal(
      origin.stored.some(({ attendance }) => attendance.channel === 'hall-7'),
      true,
    );
    match(said.join('\n'), /were not submitted.*hall-8\/b1/);
  });
});
