import { deepEqual } from 'node:assert/strict';
import { FeedReports } from '../../../origin/live/feed-reports.ts';
import { feedReport } from '../support/feed-report.ts';

/** Ages of the newest picture and sound at the worker, second by second. */
type Ages = readonly (readonly [picture: number | null, sound: number | null])[];

const START_MS = 1_700_000_000_000;

function awaitedAfter(ages: Ages, sourceStalled = false): readonly string[] {
  const reports = new FeedReports();
  ages.forEach(([picture, sound], second) => {
    const atMs = START_MS + second * 1000;
    const report = { ...feedReport({ source: { picture, sound } }), atMs, sourceStalled };
    reports.store('live.b1', { report, originMs: null, receivedMs: atMs + 3 }, () => true);
  });
  return reports.awaited('live.b1', START_MS + (ages.length - 1) * 1000 + 3);
}

const seconds = (count: number, ages: (second: number) => Ages[number]): Ages =>
  Array.from({ length: count }, (_, second) => ages(second));

describe('what an origin tells that a class waits for', () => {
  for (const { name, ages, want } of [
    { name: 'nothing while both come', ages: seconds(9, () => [40, 30]), want: [] },
    { name: 'the first picture, as soon as there is sound', ages: [[null, 30]], want: ['first-picture'] },
    { name: 'nothing before the worker has read anything', ages: [[null, null]], want: [] },
    {
      name: 'pictures that have not moved for 5 s',
      ages: seconds(6, (s) => [40 + s * 1000, 30]),
      want: ['picture'],
    },
    {
      name: 'both, when both stand',
      ages: seconds(9, (s) => [40 + s * 1000, 30 + s * 1000]),
      want: ['picture', 'sound'],
    },
    { name: 'nothing for 4 s', ages: seconds(5, (s) => [40 + s * 1000, 30]), want: [] },
    { name: 'nothing where pictures are late and come', ages: seconds(9, () => [9000, 30]), want: [] },
    {
      name: 'nothing more when pictures come again',
      ages: [...seconds(9, (s): Ages[number] => [s * 1000, 30]), [40, 30]],
      want: [],
    },
  ] satisfies { name: string; ages: Ages; want: string[] }[]) {
    it(name, () => deepEqual(awaitedAfter(ages), want));
  }

  it('nothing of the teacher while it is ingest that stands still', () => {
    deepEqual(
      awaitedAfter(
        seconds(9, (s) => [s * 1000, s * 1000]),
        true,
      ),
      [],
    );
  });

  it('nothing once the report is old, or of a feed that has none', () => {
    const reports = new FeedReports();
    const report = { ...feedReport({ source: { picture: null, sound: 30 } }), atMs: START_MS };
    reports.store('live.b1', { report, originMs: null, receivedMs: START_MS }, () => true);
    deepEqual(reports.awaited('live.b1', START_MS + 5001), []);
    deepEqual(reports.awaited('live.b2', START_MS), []);
    deepEqual(reports.awaited(null, START_MS), []);
  });
});
