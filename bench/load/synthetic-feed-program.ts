import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { writeFragment } from '../../media/bmff/fragment-writer.ts';
import type { Sample } from '../../media/bmff/sample.ts';
import { ONLY_TRACK_ID, writeTrackHeader } from '../../media/bmff/track-header.ts';
import { writeAacConfig } from '../../media/codec/aac-config.ts';
import { AVC_CONFIG } from '../../test/ingest/support/media-bodies.ts';
import { programOptions, tell } from '../start/program.ts';
import type { SyntheticFeedOptions } from './synthetic-feed.ts';

const FRAME_MS = 40;
const VIDEO_HZ = 90_000;
const AUDIO_HZ = 48_000;
const AAC_SAMPLES = 1024;

const options = programOptions() as SyntheticFeedOptions;
const names = [...options.video.map(({ id }) => id), 'audio'];

/** One track's connection. */
type Track = { push(frame: Sample): void };

function open(id: string, init: Buffer): Track {
  const req = request(`${options.originUrl}/ingest/${options.channel}/live.bench/${id}`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${options.token}`,
      'transfer-encoding': 'chunked',
      'lectern-tracks': names.join(','),
    },
  });
  req.setNoDelay(true);
  req.on('response', (res) => {
    tell({ kind: 'refused', status: res.statusCode ?? 0 });
    res.resume();
  });
  req.on('error', () => process.exit(1));
  req.write(init);
  let sequence = 1;
  return {
    push: (frame) =>
      void req.write(writeFragment({ trackId: ONLY_TRACK_ID, sequenceNumber: sequence++, samples: [frame] })),
  };
}

const video = options.video.map(({ id, widthPx, heightPx, frameBytes }) => ({
  // The configuration is that of another picture size; nobody decodes what follows.
  track: open(
    id,
    writeTrackHeader({
      ...{ kind: 'video', codec: 'h264', widthPx, heightPx, timescaleHz: VIDEO_HZ },
      decoderConfig: AVC_CONFIG.subarray(5),
    }),
  ),
  data: randomBytes(frameBytes),
}));
const audio = open(
  'audio',
  writeTrackHeader({
    kind: 'audio',
    decoderConfig: writeAacConfig(AUDIO_HZ, 2),
    channels: 2,
    timescaleHz: AUDIO_HZ,
  }),
);
const sound = randomBytes(256);

let frame = Math.ceil(Date.now() / FRAME_MS);
let soundFrame = Math.ceil((frame * FRAME_MS * AUDIO_HZ) / 1000 / AAC_SAMPLES);
tell({ kind: 'started' });
for (;;) {
  // A picture is there when its time is over, as if an encoder took none.
  const endMs = (frame + 1) * FRAME_MS;
  const waitMs = endMs - Date.now();
  if (waitMs > 0) await after(waitMs);
  // Sound first: who waits for a picture is not kept waiting by sound that is due as well.
  while (((soundFrame + 1) * AAC_SAMPLES * 1000) / AUDIO_HZ <= endMs) {
    audio.push({
      ...{ decodeTicks: soundFrame * AAC_SAMPLES, durationTicks: AAC_SAMPLES, compositionOffsetTicks: 0 },
      ...{ isSync: true, data: sound },
    });
    soundFrame += 1;
  }
  for (const { track, data } of video) {
    track.push({
      decodeTicks: (frame * FRAME_MS * VIDEO_HZ) / 1000,
      durationTicks: (FRAME_MS * VIDEO_HZ) / 1000,
      ...{ compositionOffsetTicks: 0, isSync: frame % 40 === 0, data },
    });
  }
  if (endMs % 200 === 0) tell({ kind: 'pushed', endMs, atMs: performance.timeOrigin + performance.now() });
  frame += 1;
}
