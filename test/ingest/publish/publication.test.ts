import assert from 'node:assert/strict';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import { Publication } from '../../../ingest/publish/publication.ts';
import type { RtmpMessage } from '../../../ingest/rtmp/rtmp-protocol.ts';
import { writeVideoPacket } from '../../../media/flv/packet-writer.ts';
import { FIELD_RECORD, fieldTag } from '../support/field-pictures.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';

const NOW_MS = 1_700_000_000_000;

function broadcastFrom(notBeforeMs: number): Publication {
  return new Publication('b1', NOW_MS, { notBeforeMs, undecodable: new Set<string>() });
}

/** Both kinds from 0 to 1000 ms, in step with the clock. */
function startWithBoth(broadcast: Publication): void {
  broadcast.take(message('video', 0, AVC_CONFIG), NOW_MS);
  broadcast.take(message('audio', 0, AAC_CONFIG), NOW_MS);
  broadcast.take(message('video', 0, picture(true)), NOW_MS);
  broadcast.take(message('audio', 0, sound()), NOW_MS);
  broadcast.take(message('audio', 1000, sound()), NOW_MS + 1000);
  assert.ok(broadcast.started !== null);
  broadcast.take(message('video', 1000, picture(true)), NOW_MS + 1000);
}

function message(kind: 'audio' | 'video', timestampMs: number, payload: Buffer): RtmpMessage {
  return { kind, timestampMs, payload };
}

describe('ingest: a broadcast', () => {
  it('is ahead of the clock by what it sent too soon', () => {
    const broadcast = broadcastFrom(0);
    broadcast.take(message('video', 7000, picture(true)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS), 0);
    for (let atMs = 8000; atMs <= 12_000; atMs += 500)
      broadcast.take(message('video', atMs, picture(false)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS + 1000), 4000);
  });

  it('counts two fields that come by themselves as one picture', () => {
    const broadcast = broadcastFrom(0);
    const config = { kind: 'config', codec: 'h264', isSync: true, compositionOffsetMs: 0 } as const;
    broadcast.take(message('video', 0, writeVideoPacket({ ...config, data: FIELD_RECORD })), NOW_MS);
    for (let i = 0; i < 150; i++) {
      const frameNum = (i >> 1) % 16;
      const isIdr = frameNum === 0;
      const field = i % 2 === 0 ? 'top' : 'bottom';
      const tag = fieldTag(isIdr, { field, frameNum, isIdr });
      broadcast.take(message('video', i * 20, tag), NOW_MS + i * 20);
    }
    assert.equal(broadcast.started?.video?.frameRate, 25);
    assert.equal(broadcast.started.video.notPlayed, 'interlaced');
    const { frameRate, gopLengthS } = broadcast.statistics.view(NOW_MS + 3000);
    assert.equal(Math.round(frameRate ?? 0), 25);
    assert.equal(gopLengthS, 0.64);
  });

  it('is ahead as well when it has to begin after a broadcast that was: this must not add up', () => {
    const broadcast = broadcastFrom(NOW_MS + 9000);
    broadcast.take(message('video', 0, picture(true)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS), 9000);
  });

  it('a leap of its clock is taken out: the pace, the end and the source go on as if there were none', () => {
    const jumps: unknown[] = [];
    const broadcast = new Publication('b1', NOW_MS, {
      ...{ notBeforeMs: 0, undecodable: new Set<string>() },
      onJump: (kind, jumpedMs) => jumps.push([kind, jumpedMs]),
    });
    startWithBoth(broadcast);
    broadcast.take(message('video', 3_601_040, picture(true)), NOW_MS + 1040);
    broadcast.take(message('audio', 3_601_040, sound()), NOW_MS + 1040);
    assert.equal(broadcast.aheadMs(NOW_MS + 1040), 0);
    assert.equal(broadcast.take(message('video', 3_602_040, picture(false)), NOW_MS + 2040).kind, 'running');
    assert.equal(broadcast.mediaEndMs, NOW_MS + 2041);
    assert.deepEqual(jumps, [
      ['video', 3_600_000],
      ['audio', 3_600_000],
    ]);
    const tags: number[] = [];
    const reader = new FlvReader();
    broadcast.source?.attach({
      ...{ write: (bytes: Buffer) => tags.push(...reader.push(bytes).map(({ timestampMs }) => timestampMs)) },
      ...{ unsentBytes: () => 0, end: () => {}, interrupt: () => {}, cut: () => {} },
    });
    assert.deepEqual(tags.slice(-3), [1040, 1040, 2040]);
  });

  it('UTC that is set forward and back moves no media', () => {
    const jumps: unknown[] = [];
    const broadcast = new Publication('b1', NOW_MS, {
      ...{ notBeforeMs: 0, undecodable: new Set<string>() },
      onJump: (...jump) => jumps.push(jump),
    });
    for (let atMs = 0; atMs <= 30_000; atMs += 40) {
      const setMs = atMs > 20_000 ? -30_000 : atMs > 10_000 ? 30_000 : 0;
      const [nowMs, steadyMs] = [NOW_MS + atMs + setMs, 5 + atMs];
      if (atMs === 0) broadcast.take(message('video', 0, AVC_CONFIG), nowMs, steadyMs);
      broadcast.take(message('video', atMs, picture(atMs % 1000 === 0)), nowMs, steadyMs);
    }
    assert.equal(broadcast.mediaEndMs, NOW_MS + 30_001);
    assert.deepEqual(jumps, []);
  });

  it('silence for as long as her clock moved on is no leap', () => {
    const broadcast = broadcastFrom(0);
    startWithBoth(broadcast);
    broadcast.take(message('video', 41_000, picture(true)), NOW_MS + 41_000);
    assert.equal(broadcast.mediaEndMs, NOW_MS + 41_001);
  });

  it('knows how late media arrives, by kind, without the jumps', () => {
    const broadcast = broadcastFrom(0);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS), { picture: null, sound: null });
    startWithBoth(broadcast);
    broadcast.take(message('video', 5040, picture(false)), NOW_MS + 5240);
    broadcast.take(message('audio', 5200, sound()), NOW_MS + 5240);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 5240), { picture: 200, sound: 40 });
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 7240), { picture: 2200, sound: 2040 });
    // Her encoder begins anew at 0.
    broadcast.take(message('video', 0, picture(true)), NOW_MS + 7280);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 7280), { picture: 200, sound: 2080 });
  });

  it('must be described within 20 s of its first media: a publisher that only keeps the seat is refused', () => {
    const broadcast = broadcastFrom(0);
    // Her encoder is connected well before the class.
    assert.equal(broadcast.checkTime(NOW_MS + 60_000).kind, 'wait');
    const first = broadcast.take(message('video', 0, AVC_CONFIG), NOW_MS + 60_000);
    assert.equal(first.kind, 'wait');
    assert.equal(broadcast.checkTime(NOW_MS + 79_999).kind, 'wait');
    const step = broadcast.checkTime(NOW_MS + 80_000);
    assert.deepEqual(step, {
      kind: 'refuse',
      reason: 'no sequence header of sound or picture within 20000 ms',
      code: 'unsupported-media',
    });
  });

  const unsupported: { name: string; kind: 'audio' | 'video'; payload: Buffer; want: RegExp }[] = [
    { name: 'PCM', kind: 'audio', payload: Buffer.from('3fff0102', 'hex'), want: /sound is uncompressed/ },
    { name: 'VP6', kind: 'video', payload: Buffer.from('1400000000', 'hex'), want: /video is vp6/ },
  ];
  for (const { name, kind, payload, want } of unsupported) {
    it(`${name} is refused in the middle as at the beginning: it would be passed on as something else`, () => {
      const broadcast = broadcastFrom(0);
      broadcast.take(message('video', 0, AVC_CONFIG), NOW_MS);
      broadcast.take(message('audio', 0, AAC_CONFIG), NOW_MS);
      broadcast.take(message('video', 0, picture(true)), NOW_MS);
      const start = broadcast.take(message('audio', 20, sound()), NOW_MS + 1000);
      assert.equal(start.kind, 'start');
      const step = broadcast.take(message(kind, 40, payload), NOW_MS + 1020);
      assert.equal(step.kind, 'refuse');
      assert.match(step.kind === 'refuse' ? step.reason : '', want);
    });
  }
});
