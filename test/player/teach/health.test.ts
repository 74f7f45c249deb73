import { deepEqual, equal } from 'node:assert/strict';
import { type FindingKey, health, type Publish, readIngest } from '../../../player/teach/health.ts';

const GOOD: Publish = {
  ...{
    frameRate: 25,
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

const NOTHING_YET: Partial<Publish> = {
  ...{ video: null, audio: null, videoBps: 0, audioBps: 0, readers: 0 },
  awaited: ['first-picture', 'first-sound'],
};

describe("the health of a teacher's stream", () => {
  for (const { name, change, want } of [
    { name: 'is fine', change: {}, want: ['allWell'] },
    {
      name: 'is fine in its first seconds, whatever the figures',
      change: { onAirS: 2, videoBps: 0 },
      want: ['allWell'],
    },
    {
      name: 'waits for its first media',
      change: { ...NOTHING_YET, onAirS: 2 },
      want: ['connected'],
    },
    { name: 'has had no media for long', change: NOTHING_YET, want: ['firstNothing'] },
    {
      name: 'has had no picture',
      change: { video: null, videoBps: 0, awaited: ['first-picture'] },
      want: ['firstPicture'],
    },
    {
      name: 'has had no sound',
      change: { audio: null, audioBps: 0, awaited: ['first-sound'] },
      want: ['firstSound'],
    },
    { name: 'has pictures that stopped', change: { awaited: ['picture'] }, want: ['noPicture'] },
    { name: 'has sound that stopped', change: { awaited: ['sound'] }, want: ['noSound'] },
    { name: 'has stopped whole', change: { awaited: ['picture', 'sound'] }, want: ['nothing'] },
    {
      name: 'has stopped before its first picture',
      change: { video: null, awaited: ['first-picture', 'sound'] },
      want: ['firstPicture', 'noSound'],
    },
    { name: 'has no picture', change: { videoBps: 0 }, want: ['noPicture'] },
    { name: 'has no sound', change: { audio: null }, want: ['noSound'] },
    { name: 'is read by nobody', change: { readers: 0 }, want: ['notRead'] },
    { name: 'stutters', change: { frameRate: 18 }, want: ['fewFrames'] },
    { name: 'is mush', change: { videoBps: 200_000 }, want: ['lowRate'] },
    { name: 'is too much', change: { videoBps: 12_000_000 }, want: ['highRate'] },
    { name: 'has B-frames', change: { bFrames: true }, want: ['bFrames'] },
    { name: 'has few keyframes', change: { gopLengthS: 10 }, want: ['longGop'] },
    { name: 'is out of step', change: { avSkewMs: -400 }, want: ['skew'] },
    { name: 'is resampled', change: { audio: { codec: 'aac', sampleRateHz: 44_100 } }, want: ['resampled'] },
    {
      name: 'is HDR',
      change: { video: { width: 1280, height: 720, frameRate: 25, isHdr: true } },
      want: ['hdr'],
    },
    { name: 'has several faults', change: { bFrames: true, audio: null }, want: ['bFrames', 'noSound'] },
  ] satisfies { name: string; change: Partial<Publish>; want: FindingKey[] }[]) {
    it(name, () => {
      deepEqual(
        health({ publish: { ...GOOD, ...change }, refused: null }).map(({ key }) => key),
        want,
      );
    });
  }

  it('is HDR where the API says that browsers do not play it for that', () => {
    const video = { codec: 'hevc', width: 1280, height: 720, frameRate: 25 };
    const isHdr = (notPlayed?: string) =>
      readIngest({ publish: { ...GOOD, video: { ...video, notPlayed } } })?.publish?.video?.isHdr;
    deepEqual([isHdr(), isHdr('10 bits'), isHdr('HDR')], [false, false, true]);
  });

  it('is read as the API tells it', () => {
    deepEqual(readIngest({ channel: 'hall-7', publish: null }), { publish: null, refused: null });
    deepEqual(readIngest({ channel: 'hall-7', publish: GOOD }), { publish: GOOD, refused: null });
    const refused = { reason: 'no-transcoder', agoMs: 900 };
    deepEqual(readIngest({ channel: 'hall-7', publish: null, refused }), { publish: null, refused });
    equal(readIngest({ publish: 'x' }), null);
  });

  for (const { name, refused, want } of [
    { name: 'nobody published', refused: null, want: 'offAir' },
    {
      name: 'the server had no worker: not her fault',
      refused: { reason: 'no-transcoder', agoMs: 5000 },
      want: 'noWorker',
    },
    {
      name: 'that was more than a minute ago',
      refused: { reason: 'no-transcoder', agoMs: 60_000 },
      want: 'offAir',
    },
    {
      name: 'her encoder sends what cannot be read',
      refused: { reason: 'unsupported-media', agoMs: 0 },
      want: 'unsupported',
    },
    {
      name: 'her encoder has another picture codec',
      refused: { reason: 'unsupported-video', agoMs: 0 },
      want: 'unsupportedVideo',
    },
    {
      name: 'her encoder has another sound codec',
      refused: { reason: 'unsupported-sound', agoMs: 0 },
      want: 'unsupportedSound',
    },
    { name: 'her key was mistyped', refused: { reason: 'wrong-key', agoMs: 0 }, want: 'wrongKey' },
    { name: 'the server failed', refused: { reason: 'internal', agoMs: 0 }, want: 'serverFailed' },
    { name: 'her encoder sent no header', refused: { reason: 'no-header', agoMs: 0 }, want: 'noHeader' },
    {
      name: 'her encoder sent no keyframe',
      refused: { reason: 'no-keyframe', agoMs: 0 },
      want: 'noKeyframe',
    },
    { name: 'another device took over', refused: { reason: 'taken-over', agoMs: 0 }, want: 'otherDevice' },
    { name: 'she fell silent', refused: { reason: 'silent', agoMs: 0 }, want: 'wentSilent' },
  ] as const) {
    it(`while nothing is published: ${name}`, () => {
      deepEqual(
        health({ publish: null, refused }).map(({ key }) => key),
        [want],
      );
    });
  }
});
