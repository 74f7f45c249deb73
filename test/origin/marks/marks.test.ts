import { deepEqual, equal, match, throws } from 'node:assert/strict';
import {
  type ChannelMark,
  MarkError,
  type PutMark,
  type StoredMark,
  withMark,
} from '../../../origin/marks/mark.ts';
import { renderEventStream } from '../../../origin/packager/dash/event-stream.ts';
import { liveMarkDateRanges, markDateRange } from '../../../origin/packager/hls/mark-date-range.ts';
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
    let marks: readonly ChannelMark[] = [];
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

  it('stand in a playlist of the past as date ranges, without what was asked (RFC 8216bis §4.4.5.1)', () => {
    equal(
      dateRangeLine(mark()),
      '#EXT-X-DATERANGE:ID="call-k1",CLASS="org.lectern.roll-call",START-DATE="2020-02-17T00:30:00.000Z",X-KIND="presence"\n',
    );
    match(dateRangeLine(mark({ endMs: NOW_MS + 12_500 })), /,DURATION=12\.5,X-KIND="presence"\n$/);
  });

  const ask = { text: 'eyJ9', windowEndMs: NOW_MS + 20_000 };
  const to = (seconds: number) => ({ ask: { text: 'bmV3', windowEndMs: NOW_MS + seconds * 1000 } });
  const end = (seconds: number) => ({ ...to(seconds), endMs: NOW_MS + seconds * 1000 });
  /** The date ranges of a mark after each of these was put. */
  const listed = (...puts: readonly Partial<PutMark>[]): string[][] => {
    let marks: readonly ChannelMark[] = [];
    return puts.map((put) => {
      marks = withMark(marks, { ...mark(), ask, ...put }, NOW_MS);
      return marks.flatMap(liveMarkDateRanges).map((range) => dateRange.write(range));
    });
  };
  const OWN = 'ID="call-k1",CLASS="org.lectern.roll-call",START-DATE="2020-02-17T00:30:00.000Z"';
  const WINDOW = 'CLASS="org.lectern.roll-call-window",START-DATE="2020-02-17T00:30:00.000Z"';
  const at = (seconds: number): string => `END-DATE="2020-02-17T00:30:${seconds}.000Z"`;
  const open = `${OWN},X-KIND="presence",X-ASK="eyJ9"`;
  const ended = (seconds: number): string => `${OWN},${at(seconds)},X-KIND="presence",X-ASK="eyJ9"`;
  const moved = (n: number, seconds: number): string => `ID="window-k1-${n}",${WINDOW},${at(seconds)}`;
  for (const { name, puts, want } of [
    {
      name: 'with what is asked, and with END-DATE when they end',
      puts: [{}, end(12)],
      want: [[open], [ended(12)]],
    },
    {
      name: 'once, however often they are put',
      puts: [{}, {}, end(20), end(20)],
      want: [[open], [open], [ended(20)], [ended(20)]],
    },
    {
      name: 'with each other end of their window in a date range of its own',
      puts: [{}, to(30), to(25), end(22)],
      want: [
        [open],
        [open, moved(1, 30)],
        [open, moved(1, 30), moved(2, 25)],
        [ended(22), moved(1, 30), moved(2, 25)],
      ],
    },
    {
      name: 'without another END-DATE when they are asked again',
      puts: [{}, end(12), to(40), end(33)],
      want: [
        [open],
        [ended(12)],
        [ended(12), `${moved(1, 40)},X-REOPENS="YES"`],
        [ended(12), `${moved(1, 40)},X-REOPENS="YES"`, `${moved(2, 33)},X-REOPENS="YES"`],
      ],
    },
    {
      name: 'without what is asked, where that comes later',
      puts: [{ ask: undefined }, {}],
      want: [[`${OWN},X-KIND="presence"`], [`${OWN},X-KIND="presence"`]],
    },
  ] as { name: string; puts: Partial<PutMark>[]; want: string[][] }[]) {
    it(`stand in live playlists ${name} (RFC 8216bis §4.4.5.1)`, () => {
      deepEqual(listed(...puts), want);
    });
  }

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
    const [withAsk] = renderEventStream(withMark([], { ...mark(), ask }, NOW_MS), NOW_MS, NOW_MS + 1);
    match(withAsk ?? '', />presence call-k1 eyJ9</);
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
    const ask = { text: 'eyJ9', windowEndMs: body.atMs + 20_000 };
    equal((await put('k1', { ...body, ask })).status, 200);
    match(await playlist(), /ID="call-k1".*,X-ASK="eyJ9"/);
    match(await playlist(), /#EXT-X-DATERANGE:ID="call-k1",CLASS="org\.lectern\.roll-call"/);
    equal((await put('k1', { ...body, endMs: body.atMs + 5000 })).status, 200);
    match(await playlist(), /ID="call-k1".*,END-DATE="/);
    match(
      await (await fetch(`${pipeline.url}/live/hall-7/manifest.mpd`)).text(),
      /<EventStream[^>]*roll-call/,
    );
  });

  it('are there after a restart', async () => {
    await pipeline.stop();
    await start();
    let marks: StoredMark[] = [];
    // Until the library is loaded nobody is told what it has cut off.
    await waitFor('the marks', async () => {
      const answer = await fetch(`${pipeline.url}/api/channels/hall-7/marks`);
      if (answer.ok) ({ marks } = (await answer.json()) as { marks: StoredMark[] });
      return answer.ok;
    });
    deepEqual(
      marks.map(({ id, label }) => [id, label]),
      [['k1', 'Who is here?']],
    );
  });

  for (const { name, id, body, role, want } of [
    { name: 'of a student', id: 'k2', body: mark(), role: 'student' as const, want: 403 },
    { name: 'with a bad id', id: 'K_2', body: mark(), role: 'teacher' as const, want: 400 },
    { name: 'with an unknown member', id: 'k2', body: mark(), role: 'teacher' as const, want: 400 },
    {
      ...{ name: 'with an attribute that would not stay one', id: 'k2', role: 'teacher' as const, want: 400 },
      body: { ...mark(), id: undefined, ask: { text: 'a",X-STATE="over', windowEndMs: NOW_MS } },
    },
    { name: 'without a time', id: 'k2', body: { kind: 'hand' }, role: 'teacher' as const, want: 400 },
  ]) {
    it(`are refused ${name}: ${want}`, async () => {
      equal((await put(id, body, role)).status, want);
    });
  }
});
