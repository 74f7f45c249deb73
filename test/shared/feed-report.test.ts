import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  FEED_REPORT_BYTES,
  type FeedReport,
  FeedReportError,
  readFeedReport,
} from '../../shared/feed-report.ts';

const REPORT: FeedReport = {
  atMs: 1_700_000_000_000,
  plan: {
    level: 3,
    name: 'top-rung',
    sinceMs: 1_699_999_990_000,
    reason: 'the encoder is 0.8 s behind',
    presetName: 'ultrafast',
    frameRate: 25,
    tracks: ['480p', '360p'],
    away: ['720p'],
  },
  lagMs: {
    line: { picture: 31.5, sound: -4 },
    source: { picture: 40, sound: 3 },
    queue: null,
    rungs: { '720p': null, '480p': 190, '360p': 185.25 },
    sound: 60,
    uplink: 200,
  },
};

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('feed report', () => {
  it('is read as it was written', () => assert.deepEqual(readFeedReport(bytes(REPORT)), REPORT));

  it('drops fields that it does not know', () => {
    const more = { ...REPORT, token: 'x', plan: { ...REPORT.plan, host: 'x' } };
    assert.deepEqual(readFeedReport(bytes(more)), REPORT);
  });

  const many = Array.from({ length: 13 }, (_, i) => `r${i}`);
  const refused: { name: string; input: unknown; want: RegExp }[] = [
    { name: 'text that is not JSON', input: Buffer.from('{'), want: /JSON/ },
    { name: 'null', input: null, want: /object/ },
    { name: 'an age that is text', input: { ...REPORT, atMs: '1' }, want: /^feed report: atMs: / },
    {
      name: 'an age beyond all clocks',
      input: { ...REPORT, lagMs: { ...REPORT.lagMs, sound: 1e300 } },
      want: /lagMs\.sound/,
    },
    {
      name: 'a track that is no name',
      input: { ...REPORT, lagMs: { ...REPORT.lagMs, rungs: { '../x': 1 } } },
      want: /lagMs\.rungs/,
    },
    {
      name: 'more tracks than a feed may have',
      input: { ...REPORT, plan: { ...REPORT.plan, away: many } },
      want: /plan\.away/,
    },
    {
      name: 'more rungs than a feed may have',
      input: { ...REPORT, lagMs: { ...REPORT.lagMs, rungs: Object.fromEntries(many.map((id) => [id, 1])) } },
      want: /up to 12/,
    },
    {
      name: 'a reason of several lines, which would forge log lines',
      input: { ...REPORT, plan: { ...REPORT.plan, reason: 'a\nb' } },
      want: /plan\.reason/,
    },
    { name: 'a level below 0', input: { ...REPORT, plan: { ...REPORT.plan, level: -1 } }, want: /level/ },
    { name: 'too many bytes', input: Buffer.alloc(FEED_REPORT_BYTES + 1, ' '), want: /8193 bytes/ },
  ];
  for (const { name, input, want } of refused) {
    it(`refuses ${name}: bad-report, with the place`, () => {
      assert.throws(
        () => readFeedReport(Buffer.isBuffer(input) ? input : bytes(input)),
        (error) =>
          error instanceof FeedReportError &&
          error.code === 'bad-report' &&
          error.status === 400 &&
          want.test(error.message),
      );
    });
  }

  it('is read or refused as bad-report, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(bytes), fc.jsonValue().map(bytes)), (input) => {
        try {
          readFeedReport(bytes({ ...REPORT, lagMs: JSON.parse(input.toString()) as unknown }));
        } catch (error) {
          assert.ok(error instanceof FeedReportError, String(error));
        }
      }),
    );
  });
});
