import { deepEqual, equal } from 'node:assert/strict';
import { type Air, airFindings, readAir, studentsBehind } from '../../../player/teach/air.ts';
import type { Publish } from '../../../player/teach/health.ts';
import { streamFindings } from '../../../player/teach/stream-findings.ts';

const FULL: NonNullable<Air['plan']> = {
  ...{ level: 0, name: 'full', frameRate: 25, best: '720p', isReduced: false },
};
const WELL: Air = { lateMs: 400, fault: null, plan: FULL };

function late(stage: string | null): Air {
  return { ...WELL, lateMs: 2340, fault: stage === null ? null : { stage, excessMs: 1900 } };
}

function lighter(plan: Partial<NonNullable<Air['plan']>>): Air {
  return { ...WELL, plan: { ...FULL, level: 3, ...plan } };
}

describe('how late a class is, for its teacher', () => {
  const table: { name: string; air: Air | null; want: string[] }[] = [
    { name: 'nothing when all is well', air: WELL, want: [] },
    { name: 'nothing when nothing is known', air: null, want: [] },
    {
      name: 'nothing when one stage stands out and the class is in time',
      air: { ...late('rung'), lateMs: 1500 },
      want: [],
    },
    { name: 'her own line', air: late('line'), want: ['lateLine'] },
    { name: 'the way to the worker', air: late('source'), want: ['lateServer'] },
    { name: 'what waits for the encoder', air: late('queue'), want: ['lateServer'] },
    { name: 'the encoder', air: late('rung'), want: ['lateServer'] },
    { name: 'the encoder of sound', air: late('sound'), want: ['lateServer'] },
    { name: 'the network between servers', air: late('uplink'), want: ['lateNetwork'] },
    { name: 'the origin', air: late('origin'), want: ['lateOrigin'] },
    { name: 'late, and nobody knows where', air: late(null), want: ['lateSomewhere'] },
    { name: 'rungs that are away', air: lighter({ best: '480p', isReduced: true }), want: ['planRungs'] },
    {
      name: 'half the frames',
      air: lighter({ name: 'half-rate', best: '480p', isReduced: true, frameRate: 12.5 }),
      want: ['planRungs', 'planFrames'],
    },
    {
      name: 'half the frames of one rung',
      air: lighter({ name: 'one-rung', best: '360p', isReduced: true, frameRate: 12.5 }),
      want: ['planRungs', 'planFrames'],
    },
    {
      name: 'one rung with all of its frames',
      air: lighter({ name: 'one-rung', best: '360p', isReduced: true, frameRate: 25 }),
      want: ['planRungs'],
    },
    {
      name: 'a ladder that never has as many frames as the publisher',
      air: lighter({ name: 'top-rung', best: '480p', isReduced: true, frameRate: 12.5 }),
      want: ['planRungs'],
    },
    { name: 'passed through', air: lighter({ name: 'copy', isReduced: true }), want: ['planCopy'] },
    { name: 'a step that nobody sees', air: lighter({ name: 'parallel' }), want: [] },
  ];
  for (const { name, air, want } of table) {
    it(name, () =>
      deepEqual(
        airFindings(air, 25).map(({ key }) => key),
        want,
      ),
    );
  }

  it('names the figure and the quality', () => {
    deepEqual(airFindings(late('rung'), 25)[0]?.values, { seconds: '2.3' });
    deepEqual(airFindings(lighter({ best: '480p', isReduced: true }), 25)[0]?.values, { best: '480p' });
  });
});

describe('how much later students see their teacher', () => {
  const table: {
    name: string;
    air: Air | null;
    previewMs: number | null;
    want: ReturnType<typeof studentsBehind>;
  }[] = [
    { name: 'unknown', air: null, previewMs: null, want: null },
    {
      ...{ name: 'as the preview measures it', air: WELL, previewMs: 620 },
      want: { behindMs: 620, isPreviewLate: false },
    },
    {
      ...{ name: 'as the preview measures it, without more', air: null, previewMs: 620 },
      want: { behindMs: 620, isPreviewLate: false },
    },
    {
      ...{ name: 'by what the server has, without a preview', air: WELL, previewMs: null },
      want: { behindMs: 900, isPreviewLate: false },
    },
    {
      ...{ name: 'by what the server has, where only the preview is late', air: WELL, previewMs: 18_000 },
      want: { behindMs: 900, isPreviewLate: true },
    },
    {
      ...{
        name: 'as the preview measures it, where the class itself is late',
        air: late('rung'),
        previewMs: 3500,
      },
      want: { behindMs: 3500, isPreviewLate: false },
    },
  ];
  for (const { name, air, previewMs, want } of table) {
    it(name, () => deepEqual(studentsBehind(air, previewMs), want));
  }
});

describe('the answer of the API about a class', () => {
  it('is read', () => {
    const air = {
      ...{ lateMs: 2340, lagMs: { line: 20 }, fault: { stage: 'rung', excessMs: 1900 } },
      plan: { level: 3, name: 'top-rung', frameRate: 25, tracks: ['480p', '360p'], away: ['720p'] },
    };
    deepEqual(readAir({ air }), {
      ...{ lateMs: 2340, fault: { stage: 'rung', excessMs: 1900 } },
      plan: { level: 3, name: 'top-rung', frameRate: 25, best: '480p', isReduced: true },
    });
  });

  for (const { name, input, want } of [
    { name: 'nothing on air', input: { air: null }, want: null },
    { name: 'a server that does not know it', input: { feeds: [] }, want: null },
    {
      name: 'nonsense',
      input: { air: { lateMs: 'x', fault: 3, plan: [] } },
      want: { lateMs: null, fault: null, plan: null },
    },
    { name: 'a text', input: 'x', want: null },
  ]) {
    it(`may be ${name}`, () => deepEqual(readAir(input), want));
  }
});

describe('all findings about a class', () => {
  const publish: Publish = {
    ...{
      frameRate: 15,
      gopLengthS: 2,
      videoBps: 2_000_000,
      audioBps: 96_000,
      avSkewMs: 10,
      bFrames: false,
      awaited: [],
    },
    ...{ onAirS: 60, video: { width: 1280, height: 720, frameRate: 25, isHdr: false }, readers: 1 },
    audio: { codec: 'aac', sampleRateHz: 48_000 },
  };
  const keys = (given: Publish | null, air: Air | null): string[] =>
    streamFindings({ publish: given, refused: null }, air).map(({ key }) => key);

  it('say that few frames arrive, whatever else is short', () => {
    deepEqual(keys(publish, WELL), ['fewFrames']);
    deepEqual(keys(publish, late('rung')), ['lateServer', 'fewFrames']);
    deepEqual(keys(publish, lighter({ best: '480p', isReduced: true })), ['fewFrames', 'planRungs']);
    deepEqual(keys(publish, late('line')), ['lateLine', 'fewFrames']);
  });

  it('say that her stream is fine only while the class is in time', () => {
    const good = { ...publish, frameRate: 25 };
    deepEqual(keys(good, WELL), ['allWell']);
    deepEqual(keys(good, late('uplink')), ['lateNetwork']);
    deepEqual(keys(good, lighter({ best: '480p', isReduced: true })), ['planRungs', 'allWell']);
  });

  it('have faults first', () => {
    const faulty = { ...publish, frameRate: 25, audio: null };
    deepEqual(keys(faulty, lighter({ best: '480p', isReduced: true })), ['noSound', 'planRungs']);
  });

  it('are those of the stream alone while nobody publishes', () => {
    equal(keys(null, late('rung')).join(), 'offAir');
  });
});
