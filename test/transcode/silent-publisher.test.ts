import assert from 'node:assert/strict';
import { parseConfig } from '../../config/load.ts';
import { silentFrame } from '../../media/codec/aac-silence.ts';
import { writeAacConfig } from '../../media/codec/aac-config.ts';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import { writeLineTag } from '../../media/flv/line-tag.ts';
import { writeAacPacket, writeVideoPacket } from '../../media/flv/packet-writer.ts';
import { silentLogger } from '../../shared/logger.ts';
import { TranscodeSession } from '../../transcode/transcode-session.ts';
import { encodeH264, type H264Clip } from '../media/support/h264-clip.ts';
import { FFMPEG } from './support/sample-flv.ts';
import { jobFor } from './support/worker.ts';

const EPOCH_MS = 1_760_000_000_000;
const PICTURE_MS = 40;
const SOUND_MS = 1024 / 48;

/** A track's samples: where each begins and ends, source milliseconds. */
type Span = { readonly startMs: number; readonly endMs: number };

/** A broadcast that is passed through, whose source a test writes. */
class Broadcast {
  readonly tracks: ReadonlyMap<string, readonly Span[]>;
  readonly #session: TranscodeSession;
  readonly #clip: H264Clip;
  readonly #time: { nowMs: number };
  #pictures = 0;

  private constructor(
    session: TranscodeSession,
    clip: H264Clip,
    tracks: ReadonlyMap<string, readonly Span[]>,
    time: { nowMs: number },
  ) {
    this.#session = session;
    this.#clip = clip;
    this.tracks = tracks;
    this.#time = time;
  }

  static async open(clip: H264Clip): Promise<Broadcast> {
    const yaml =
      'ladder: {mode: passthrough}\nchannels: [{ id: hall-7, title: t, publishKey: never-logged }]';
    const [channel] = parseConfig(yaml, {}, 'test').channels;
    assert.ok(channel !== undefined);
    const tracks = new Map<string, Span[]>();
    const time = { nowMs: 0 };
    const session = await TranscodeSession.open({
      job: {
        ...jobFor('http://127.0.0.1:1/'),
        epochOffsetMs: EPOCH_MS,
        video: { codec: 'h264', width: 160, height: 90, frameRate: 25 },
      },
      ...{ ladder: channel.ladder, program: FFMPEG, logger: silentLogger },
      clock: { nowMs: () => EPOCH_MS + time.nowMs },
      push: (id, { startMs, durationMs }) => {
        const startOfIt = startMs - EPOCH_MS;
        const spans = tracks.get(id) ?? [];
        tracks.set(id, spans);
        spans.push({ startMs: startOfIt, endMs: startOfIt + durationMs });
      },
      placeholder: async () => [],
      onRestart: () => assert.fail('ffmpeg is not needed'),
      onJump: () => {},
      onTrackAway: () => {},
      onPlan: () => {},
      onGaveUp: () => assert.fail('gave up'),
    });
    const made = new Broadcast(session, clip, tracks, time);
    const config = { codec: 'h264', isSync: true, compositionOffsetMs: 0 } as const;
    made.#tag('video', 0, writeVideoPacket({ ...config, kind: 'config', data: clip.record }));
    made.#tag('audio', 0, writeAacPacket('config', writeAacConfig(48_000, 2)));
    return made;
  }

  #tag(kind: 'audio' | 'video', timeMs: number, body: Buffer): void {
    this.#time.nowMs = timeMs;
    this.#bytes(writeFlvTag(kind, timeMs, body));
  }

  #bytes(bytes: Buffer): void {
    const head = writeFlvHeader({ hasVideo: true, hasAudio: true });
    for (const tag of new FlvReader().push(Buffer.concat([head, bytes]))) this.#session.push(tag);
  }

  picture(timeMs: number): void {
    const { data, isSync } =
      this.#clip.pictures[this.#pictures++ % this.#clip.pictures.length] ?? assert.fail();
    const packet = { kind: 'frame', codec: 'h264', compositionOffsetMs: 0, isSync, data } as const;
    this.#tag('video', timeMs, writeVideoPacket(packet));
  }

  /** Sends what a publisher sends in a stretch of time. */
  send(fromMs: number, toMs: number, kinds: { picture?: number; sound?: boolean }): void {
    const pictureMs = kinds.picture ?? PICTURE_MS;
    const times = [
      ...(kinds.picture === 0 ? [] : every(fromMs, toMs, pictureMs).map((ms) => ({ ms, kind: 'picture' }))),
      ...(kinds.sound === false ? [] : every(fromMs, toMs, SOUND_MS).map((ms) => ({ ms, kind: 'sound' }))),
    ].toSorted((a, b) => a.ms - b.ms);
    for (const { ms, kind } of times) {
      if (kind === 'picture') this.picture(Math.round(ms));
      else this.#tag('audio', Math.round(ms), writeAacPacket('frame', silentFrame(2)));
    }
  }

  /** Ingest says its time, and when the publisher was heard from. */
  line(nowMs: number, heardMs: number | null): void {
    this.#bytes(writeLineTag(EPOCH_MS + nowMs, heardMs === null ? null : EPOCH_MS + heardMs));
  }

  endMs(id: string): number {
    return this.tracks.get(id)?.at(-1)?.endMs ?? 0;
  }

  /** Longest time without a sample, milliseconds; before the first two nothing is known of their length. */
  longestHoleMs(id: string): number {
    const spans = (this.tracks.get(id) ?? []).slice(2);
    return Math.max(...spans.slice(1).map(({ startMs }, i) => startMs - (spans[i]?.endMs ?? startMs)));
  }

  stop(): Promise<void> {
    return this.#session.stop();
  }
}

function every(fromMs: number, toMs: number, stepMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, i) => fromMs + i * stepMs);
}

describe('a publisher who sends nothing of a kind for a while', () => {
  let clip: H264Clip;
  let broadcast: Broadcast;
  before(() => {
    clip = encodeH264('160x90', 50, 25);
  });
  beforeEach(async () => {
    broadcast = await Broadcast.open(clip);
  });
  afterEach(() => broadcast.stop());

  it('no picture for a minute: the last one stands as far as the sound goes', () => {
    broadcast.send(0, 2000, {});
    broadcast.send(2000, 62_000, { picture: 0 });
    assert.ok(broadcast.endMs('source') > 61_300, `${broadcast.endMs('source')}`);
    broadcast.send(62_000, 64_000, {});
    assert.ok(broadcast.longestHoleMs('source') <= 50);
    assert.ok(Math.abs(broadcast.endMs('source') - 64_000) < 100);
  });

  it('no sound for a minute: silence keeps up with the picture, and sound goes on at its place', () => {
    broadcast.send(0, 2000, {});
    broadcast.send(2000, 62_000, { sound: false });
    assert.ok(broadcast.endMs('audio') > 61_500, `${broadcast.endMs('audio')}`);
    broadcast.send(62_000, 64_000, {});
    assert.ok(broadcast.longestHoleMs('audio') < 1);
    assert.ok(Math.abs(broadcast.endMs('audio') - 64_000) < 60, `${broadcast.endMs('audio')}`);
  });

  it('nothing at all, and she answers: the picture stands, in silence', () => {
    broadcast.send(0, 2000, {});
    broadcast.line(2000, null);
    for (let ms = 3000; ms <= 60_000; ms += 1000) broadcast.line(ms + 100, ms);
    for (const id of ['source', 'audio'])
      assert.ok(broadcast.endMs(id) > 59_000, `${id}: ${broadcast.endMs(id)}`);
    broadcast.send(61_000, 63_000, {});
    for (const id of ['source', 'audio']) {
      assert.ok(broadcast.longestHoleMs(id) <= 50, `${id}: ${broadcast.longestHoleMs(id)}`);
      assert.ok(Math.abs(broadcast.endMs(id) - 63_000) < 100);
    }
  });

  it('nothing at all, and no answer: she may be stalled, so nothing takes the place of what is on its way', () => {
    broadcast.send(0, 2000, {});
    for (let ms = 2000; ms <= 8000; ms += 500) broadcast.line(ms, null);
    for (const id of ['source', 'audio']) assert.ok(broadcast.endMs(id) < 2100);
    broadcast.send(2000, 8000, {});
    for (const id of ['source', 'audio']) assert.ok(broadcast.longestHoleMs(id) < 1, id);
  });

  for (const rate of [1, 2, 5]) {
    it(`${rate} picture${rate > 1 ? 's' : ''} a second: each stands until the next, without a hole`, () => {
      broadcast.send(0, 20_000, { picture: 1000 / rate });
      assert.ok(broadcast.longestHoleMs('source') <= 1, `${broadcast.longestHoleMs('source')}`);
      const longestMs = Math.max(
        ...(broadcast.tracks.get('source') ?? []).map(({ startMs, endMs }) => endMs - startMs),
      );
      assert.ok(longestMs <= 200, `${longestMs}`);
      assert.ok(broadcast.endMs('source') > 19_000);
    });
  }

  it('one picture, then sound alone', () => {
    broadcast.send(0, 40, {});
    broadcast.send(40, 30_000, { picture: 0 });
    assert.ok(broadcast.endMs('source') > 29_000);
  });
});
