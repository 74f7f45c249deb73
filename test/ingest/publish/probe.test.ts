import assert from 'node:assert/strict';
import { readAudioPacket } from '../../../media/flv/audio-packet.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';
import {
  EMPTY_PROBE,
  decideProbe,
  probeMetadata,
  probePacket,
  type ProbeState,
  type SourcePacket,
} from '../../../ingest/publish/probe.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';

const TIMES = { minMs: 250, maxMs: 500 };
const VIDEO = { codec: 'h264', width: 320, height: 180, frameRate: 25 } as const;
const AUDIO = { codec: 'aac', sampleRateHz: 48_000, channels: 2 };

/** Puts bodies through the probe, all at one time. */
function gate(
  bodies: readonly Buffer[],
  nowMs = 1000,
  from: ProbeState = EMPTY_PROBE,
  readsEnhanced = false,
): ProbeState {
  let state = from;
  for (const body of bodies) {
    const isAudio = (body[0] ?? 0) >> 4 === 0xa;
    const audio = isAudio ? readAudioPacket(body) : null;
    const video = isAudio ? null : readVideoPacket(body);
    const source: SourcePacket | null =
      audio !== null
        ? { kind: 'audio', packet: audio }
        : video !== null
          ? { kind: 'video', packet: video }
          : null;
    assert.ok(source !== null);
    const step = probePacket(state, source, nowMs, readsEnhanced);
    assert.ok('state' in step, 'refuse' in step ? step.refuse : '');
    state = step.state;
  }
  return state;
}

const both = gate([AVC_CONFIG, AAC_CONFIG, picture(true), sound()]);
const videoAlone = gate([AVC_CONFIG, picture(true)]);

describe('ingest: the gate', () => {
  const table = [
    { name: 'nothing yet', state: EMPTY_PROBE, nowMs: 9999, want: { kind: 'wait', untilMs: null } },
    {
      name: 'headers without media',
      state: gate([AVC_CONFIG, AAC_CONFIG]),
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
      state: gate([AAC_CONFIG, sound()], 1000, probeMetadata(EMPTY_PROBE, { audiocodecid: 10 })),
      nowMs: 1250,
      want: { kind: 'ready', video: null, audio: AUDIO },
    },
    {
      name: 'metadata that names neither kind announces nothing',
      state: probeMetadata(videoAlone, { encoder: 'x' }),
      nowMs: 1300,
      want: { kind: 'wait', untilMs: 1500 },
    },
    {
      name: 'media without any header never starts',
      state: gate([picture(true), sound()]),
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

  const hevc = Buffer.from(`90${Buffer.from('hvc1').toString('hex')}01`, 'hex');
  it('HEVC by Enhanced RTMP passes where ffmpeg can read it and its size is announced', () => {
    const announced = probeMetadata(EMPTY_PROBE, { width: 1280, height: 720, framerate: 30 });
    const state = gate([hevc], 1000, announced, true);
    assert.deepEqual(state.video, { codec: 'hevc', width: 1280, height: 720, frameRate: 0 });
  });

  it('HE-AAC does not call itself aac, which alone is passed through', () => {
    const state = gate([Buffer.from('af002b118800', 'hex')]);
    assert.equal(state.audio?.codec, 'aac-5');
  });
});
