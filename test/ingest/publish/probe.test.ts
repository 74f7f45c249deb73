import assert from 'node:assert/strict';
import {
  EMPTY_PROBE,
  decideProbe,
  probeMedia,
  probeMetadata,
  probePicture,
  type ProbeState,
} from '../../../ingest/publish/probe.ts';

const TIMES = { minMs: 250, maxMs: 500, pictureMs: 4000, measureMs: 1000 };
const VIDEO = { codec: 'h264', width: 320, height: 180, frameRate: 25 } as const;
const AUDIO = { codec: 'aac', sampleRateHz: 48_000, channels: 2 };

/** The state after media of these kinds, all at one time. */
function gate(
  known: Pick<ProbeState, 'video' | 'audio'>,
  isMedia = true,
  from: ProbeState = EMPTY_PROBE,
  isVideoComing = false,
): ProbeState {
  return probeMedia(from, { ...known, isVideoComing }, isMedia, 1000);
}

/** The state after a quarter of a second of pictures. */
function withPictures(from: ProbeState, rate: number): ProbeState {
  let state = from;
  for (let i = 0; i <= rate / 4; i++) state = probePicture(state, Math.round((i * 1000) / rate));
  return state;
}

const both = gate({ video: VIDEO, audio: AUDIO });
const videoAlone = gate({ video: VIDEO, audio: null });
const soundAlone = { video: null, audio: AUDIO };
const soundFirst = gate(soundAlone, true, EMPTY_PROBE, true);
/** Its keyframe comes 1.9 s behind the sound. */
const lateKeyframe = probeMedia(soundFirst, { video: VIDEO, audio: AUDIO, isVideoComing: false }, true, 2900);

describe('ingest: the gate', () => {
  const table = [
    { name: 'nothing yet', state: EMPTY_PROBE, nowMs: 9999, want: { kind: 'wait', untilMs: null } },
    {
      name: 'headers without media',
      state: gate({ video: null, audio: null }, false),
      nowMs: 9999,
      want: { kind: 'wait', untilMs: null },
    },
    {
      name: 'both known: looks a little longer for the stamp',
      state: both,
      nowMs: 1249,
      want: { kind: 'wait', untilMs: 1250 },
    },
    { name: 'both known', state: both, nowMs: 1250, want: { kind: 'ready', video: VIDEO, audio: AUDIO } },
    {
      name: 'a picture, and sound may follow',
      state: videoAlone,
      nowMs: 1499,
      want: { kind: 'wait', untilMs: 1500 },
    },
    {
      name: 'a picture, and no sound came',
      state: videoAlone,
      nowMs: 1500,
      want: { kind: 'ready', video: VIDEO, audio: null },
    },
    {
      name: 'a picture, and no sound announced',
      state: probeMetadata(videoAlone, { videocodecid: 7, width: 320, height: 180, framerate: 30 }),
      nowMs: 1250,
      want: { kind: 'ready', video: { ...VIDEO, frameRate: 30 }, audio: null },
    },
    {
      name: 'sound alone, announced so',
      state: gate({ video: null, audio: AUDIO }, true, probeMetadata(EMPTY_PROBE, { audiocodecid: 10 })),
      nowMs: 1250,
      want: { kind: 'ready', video: null, audio: AUDIO },
    },
    {
      name: 'sound, and pictures whose keyframe has not come',
      state: soundFirst,
      nowMs: 4999,
      want: { kind: 'wait', untilMs: 5000 },
    },
    {
      name: 'sound, and pictures whose keyframe does not come',
      state: soundFirst,
      nowMs: 5000,
      want: { kind: 'ready', video: null, audio: AUDIO },
    },
    {
      name: 'sound, and a picture is announced',
      state: gate(soundAlone, true, probeMetadata(EMPTY_PROBE, { videocodecid: 7, audiocodecid: 10 })),
      nowMs: 4999,
      want: { kind: 'wait', untilMs: 5000 },
    },
    {
      name: 'sound announced alone, and pictures come all the same',
      state: gate(soundAlone, true, probeMetadata(EMPTY_PROBE, { audiocodecid: 10 }), true),
      nowMs: 1250,
      want: { kind: 'wait', untilMs: 5000 },
    },
    {
      name: 'a late keyframe: its pictures are looked at from then on',
      state: lateKeyframe,
      nowMs: 2900,
      want: { kind: 'wait', untilMs: 3150 },
    },
    {
      name: 'a late keyframe, looked at',
      state: lateKeyframe,
      nowMs: 3150,
      want: { kind: 'ready', video: VIDEO, audio: AUDIO },
    },
    {
      name: 'metadata that names neither kind announces nothing',
      state: probeMetadata(videoAlone, { encoder: 'x' }),
      nowMs: 1300,
      want: { kind: 'wait', untilMs: 1500 },
    },
    {
      name: 'pictures that come otherwise than declared: they are measured',
      state: withPictures(both, 30),
      nowMs: 1250,
      want: { kind: 'wait', untilMs: 2000 },
    },
    {
      name: 'what is measured goes before what is declared',
      state: withPictures(both, 30),
      nowMs: 2000,
      want: { kind: 'ready', video: { ...VIDEO, frameRate: 30 }, audio: AUDIO },
    },
    {
      name: 'pictures that come as declared',
      state: withPictures(both, 25),
      nowMs: 1250,
      want: { kind: 'ready', video: VIDEO, audio: AUDIO },
    },
    {
      name: 'media without any header never starts',
      state: gate({ video: null, audio: null }),
      nowMs: 99_999,
      want: { kind: 'wait', untilMs: null },
    },
  ];
  for (const { name, state, nowMs, want } of table) {
    it(name, () => assert.deepEqual(decideProbe(state, nowMs, TIMES), want));
  }

  it('absurd numbers in metadata are left aside', () => {
    const { announced } = probeMetadata(EMPTY_PROBE, { width: -1, height: 1e9, framerate: Number.NaN });
    assert.deepEqual(announced, { hasVideo: true, hasAudio: false, width: 0, height: 0, frameRate: 0 });
  });
});
