import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type BroadcastRecord,
  BroadcastError,
  changeBroadcast,
  durationMs,
} from '../../../origin/broadcasts/broadcast-record.ts';
import {
  type BroadcastPage,
  type BroadcastQuery,
  BroadcastSearch,
  newestFirst,
  readCursor,
  searchText,
} from '../../../origin/broadcasts/broadcast-query.ts';
import { broadcast } from '../support/broadcast-record.ts';

/** @param most how many are looked at at once */
function findBroadcasts(
  sorted: readonly BroadcastRecord[],
  query: BroadcastQuery,
  after: ReturnType<typeof readCursor>,
  limit: number,
  most = 1000,
): BroadcastPage {
  const search = new BroadcastSearch(query, after, limit);
  const entries = sorted.map((one) => ({ broadcast: one, text: searchText(one) }));
  while (!search.look(entries, most));
  return search.page;
}

describe('a broadcast', () => {
  const lesson = broadcast('a', 100_000, { gaps: [{ startMs: 110_000, endMs: 120_000 }] });
  const durations: { name: string; of: BroadcastRecord; want: number }[] = [
    { name: 'lasts without its gaps', of: lesson, want: 50_000 },
    { name: 'lasts without what is trimmed', of: { ...lesson, trimStartMs: 130_000 }, want: 30_000 },
    {
      name: 'a trim through a gap takes the rest of it',
      of: { ...lesson, trimStartMs: 115_000, trimEndMs: 130_000 },
      want: 10_000,
    },
    { name: 'one on air lasts to now', of: { ...lesson, endMs: null }, want: 890_000 },
  ];
  for (const { name, of, want } of durations) {
    it(name, () => assert.equal(durationMs(of, 1_000_000), want));
  }

  const badTrims: { name: string; change: Parameters<typeof changeBroadcast>[1] }[] = [
    { name: 'before its start', change: { trimStartMs: 99_999 } },
    { name: 'after its end', change: { trimEndMs: 160_001 } },
    { name: 'that leaves nothing', change: { trimStartMs: 130_000, trimEndMs: 130_000 } },
  ];
  for (const { name, change } of badTrims) {
    it(`refuses a trim ${name}`, () => {
      assert.throws(
        () => changeBroadcast(lesson, change),
        (error) => error instanceof BroadcastError && error.code === 'bad-trim' && error.status === 400,
      );
    });
  }

  it('takes a change, and takes a trim away again', () => {
    const changed = changeBroadcast(lesson, { title: 'Fractions', trimStartMs: 110_000, keep: true });
    assert.deepEqual(changed, { ...lesson, title: 'Fractions', trimStartMs: 110_000, keep: true });
    assert.deepEqual(
      changeBroadcast(changed, { trimStartMs: null, title: lesson.title, keep: false }),
      lesson,
    );
  });
});

describe('finding broadcasts', () => {
  const lessons = [
    broadcast('a', 1000, { grade: 7, subject: 'Mathematics', teacher: 'Ms Li', title: 'Fractions' }),
    broadcast('b', 2000, { grade: 8, subject: 'Physics', teacher: 'Mr Wang', title: 'Levers' }),
    broadcast('c', 3000, {
      grade: 7,
      subject: 'Mathematics',
      teacher: 'Mr Wang',
      title: '分数 fractions again',
    }),
    broadcast('d', 3000, { channel: 'hall-8' }),
  ].toSorted(newestFirst);
  const table = [
    { name: 'all, newest first', query: {}, want: 'c d b a' },
    { name: 'by grade', query: { grade: 7 }, want: 'c a' },
    { name: 'by teacher', query: { teacher: 'Mr Wang' }, want: 'c b' },
    { name: 'by channel', query: { channel: 'hall-8' }, want: 'd' },
    { name: 'by time', query: { from: 2000, to: 3000 }, want: 'b' },
    { name: 'by words in any case and order', query: { q: 'wang FRACTIONS' }, want: 'c' },
    { name: 'by Chinese words', query: { q: '分数' }, want: 'c' },
    { name: 'none', query: { q: 'nothing' }, want: '' },
  ];
  for (const { name, query, want } of table) {
    it(name, () => {
      const { broadcasts, next } = findBroadcasts(lessons, query, null, 50);
      assert.equal(broadcasts.map(({ id }) => id).join(' '), want);
      assert.equal(next, null);
      assert.deepEqual(findBroadcasts(lessons, query, null, 50, 1), { broadcasts, next });
    });
  }

  it('pages hold each broadcast once, whatever their length and whatever is deleted in between', () => {
    const few = fc.integer({ min: 1, max: 7 });
    const starts = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 });
    fc.assert(
      fc.property(starts, few, few, fc.boolean(), (times, limit, most, isDeleted) => {
        let all = times.map((startMs, i) => broadcast(`b${i}`, startMs)).toSorted(newestFirst);
        const want = all.map(({ id }) => id);
        const got: string[] = [];
        let after: string | null = null;
        do {
          const page: BroadcastPage = findBroadcasts(
            all,
            {},
            after === null ? null : readCursor(after),
            limit,
            most,
          );
          got.push(...page.broadcasts.map(({ id }) => id));
          // What the cursor names may be gone by the time it comes back.
          if (isDeleted) all = all.filter(({ id }) => !got.includes(id));
          after = page.next;
        } while (after !== null);
        assert.deepEqual(got, want);
      }),
    );
  });

  for (const cursor of ['', '1.2', '-1.hall-7.a', '1.../x.a', '1.hall-7.a.b', '9'.repeat(20) + '.a.b']) {
    it(`${JSON.stringify(cursor)} is no cursor`, () => assert.equal(readCursor(cursor), null));
  }
});
