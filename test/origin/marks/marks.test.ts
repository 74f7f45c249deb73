import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { type StoredMark, MarkError, withMark } from '../../../origin/marks/mark.ts';
import { renderEventStream } from '../../../origin/packager/dash/event-stream.ts';
import { markDateRange } from '../../../origin/packager/hls/mark-date-range.ts';
import { dateRange } from '../../../origin/packager/hls/playlist/date-range.ts';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

const NOW_MS = 1_581_899_400_000;
const mark = (change: Partial<StoredMark> = {}): StoredMark => ({
  ...{ id: 'k1', kind: 'presence', atMs: NOW_MS, endMs: null, label: 'Who is here?' },
  ...change,
});

const dateRangeLine = (of: StoredMark): string => `#EXT-X-DATERANGE:${dateRange.write(markDateRange(of))}\n`;

describe('marks', () => {
  it('are in the order of their times; a known one keeps its time and takes its end', () => {
    const two = withMark(withMark([], mark(), NOW_MS), mark({ id: 'k0', atMs: NOW_MS - 5000 }), NOW_MS);
    deepEqual(
      two.map(({ id }) => id),
      ['k0', 'k1'],
    );
    const ended = withMark(two, mark({ atMs: NOW_MS + 7, endMs: NOW_MS + 20_000 }), NOW_MS);
    deepEqual(ended[1], mark({ endMs: NOW_MS + 20_000 }));
  });

  it('of a channel are at most 500: the oldest go', () => {
    let marks: readonly StoredMark[] = [];
    for (let i = 0; i < 502; i++)
      marks = withMark(marks, mark({ id: `k${i}`, atMs: NOW_MS - 502 + i }), NOW_MS);
    deepEqual([marks.length, marks[0]?.id], [500, 'k2']);
  });

  for (const { name, bad } of [
    { name: 'too long ago', bad: mark({ atMs: NOW_MS - 13 * 3_600_000 }) },
    { name: 'yet to come', bad: mark({ atMs: NOW_MS + 61_000 }) },
    { name: 'that ends before it begins', bad: mark({ endMs: NOW_MS - 1 }) },
  ]) {
    it(`are refused ${name}`, () => {
      throws(
        () => withMark([], bad, NOW_MS),
        (error) => error instanceof MarkError && error.code === 'bad-input',
      );
    });
  }

  it('stand in a playlist as date ranges, without what was asked (RFC 8216bis §4.4.5.1)', () => {
    equal(
      dateRangeLine(mark()),
      '#EXT-X-DATERANGE:ID="call-k1",CLASS="org.lectern.roll-call",START-DATE="2020-02-17T00:30:00.000Z",X-KIND="presence"\n',
    );
    match(dateRangeLine(mark({ endMs: NOW_MS + 12_500 })), /,DURATION=12\.5,X-KIND="presence"\n$/);
  });

  it('stand in a Period of an MPD with their time from its start (ISO/IEC 23009-1 §5.10.2)', () => {
    const marks = [
      mark({ atMs: NOW_MS - 1 }),
      mark(),
      mark({ id: 'k2', atMs: NOW_MS + 1600, endMs: NOW_MS + 2600 }),
    ];
    const [stream] = renderEventStream(marks, NOW_MS, NOW_MS + 10_000);
    match(stream ?? '', /^<EventStream schemeIdUri="urn:lectern:roll-call:2026" timescale="1000">/);
    deepEqual(stream?.match(/presentationTime="(\d+)"/g), [
      'presentationTime="0"',
      'presentationTime="1600"',
    ]);
    equal(stream?.match(/ duration="1000"/g)?.length, 1);
    deepEqual(renderEventStream(marks, NOW_MS + 10_000, Number.POSITIVE_INFINITY), []);
  });
});

describe('marks of a channel over HTTP', () => {
  const dir = makeTempDir();
  let pipeline: TestPipeline;
  const put = async (id: string, body: unknown, role: 'teacher' | 'student' = 'teacher'): Promise<Response> =>
    fetch(`${pipeline.url}/api/channels/hall-7/marks/${id}`, {
      method: 'PUT',
      headers: { authorization: await pipeline.authorization(role), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const start = async (): Promise<void> => {
    pipeline = await startTestPipeline({ roles: ['origin'], dataDir: dir.path });
  };
  before(start);
  after(async () => {
    await pipeline.stop();
    dir.remove();
  });

  it('are in every playlist from then on, and change when they end', async () => {
    const playlist = async (): Promise<string> =>
      (await fetch(`${pipeline.url}/live/hall-7/audio.m3u8`)).text();
    await waitFor('a playlist', async () => (await playlist()).includes('#EXTINF'));
    // As old as the newest that is listed: the slate runs some way behind the clock.
    const { id: _id, ...body } = mark({ atMs: Date.now() });
    equal((await put('k1', body)).status, 200);
    match(await playlist(), /#EXT-X-DATERANGE:ID="call-k1",CLASS="org\.lectern\.roll-call"/);
    equal((await put('k1', { ...body, endMs: body.atMs + 5000 })).status, 200);
    match(await playlist(), /ID="call-k1".*DURATION=5,/);
    match(
      await (await fetch(`${pipeline.url}/live/hall-7/manifest.mpd`)).text(),
      /<EventStream[^>]*roll-call/,
    );
  });

  it('are there after a restart', async () => {
    await pipeline.stop();
    await start();
    const answer = await fetch(`${pipeline.url}/api/channels/hall-7/marks`);
    const { marks } = (await answer.json()) as { marks: StoredMark[] };
    deepEqual(
      marks.map(({ id, label }) => [id, label]),
      [['k1', 'Who is here?']],
    );
  });

  for (const { name, id, body, role, want } of [
    { name: 'of a student', id: 'k2', body: mark(), role: 'student' as const, want: 403 },
    { name: 'with a bad id', id: 'K_2', body: mark(), role: 'teacher' as const, want: 400 },
    { name: 'with an unknown member', id: 'k2', body: mark(), role: 'teacher' as const, want: 400 },
    { name: 'without a time', id: 'k2', body: { kind: 'hand' }, role: 'teacher' as const, want: 400 },
  ]) {
    it(`are refused ${name}: ${want}`, async () => {
      equal((await put(id, body, role)).status, want);
    });
  }
});
