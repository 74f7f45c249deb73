import assert from 'node:assert/strict';
import { Publication } from '../../../ingest/publish/publication.ts';
import type { RtmpMessage } from '../../../ingest/rtmp/rtmp-protocol.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';

const NOW_MS = 1_700_000_000_000;

function broadcastFrom(notBeforeMs: number): Publication {
  return new Publication('b1', NOW_MS, { notBeforeMs, readsEnhanced: false });
}

function message(kind: 'audio' | 'video', timestampMs: number, payload: Buffer): RtmpMessage {
  return { kind, timestampMs, payload };
}

describe('ingest: a broadcast', () => {
  it('is ahead of the clock by what it sent too soon', () => {
    const broadcast = broadcastFrom(0);
    broadcast.take(message('video', 7000, picture(true)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS), 0);
    broadcast.take(message('video', 12_000, picture(false)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS + 1000), 4000);
  });

  it('is ahead as well when it has to begin after a broadcast that was: this must not add up', () => {
    const broadcast = broadcastFrom(NOW_MS + 9000);
    broadcast.take(message('video', 0, picture(true)), NOW_MS);
    assert.equal(broadcast.aheadMs(NOW_MS), 9000);
  });

  it('a leap of its clock that the clock on the wall does not bear out changes neither pace nor end', () => {
    const broadcast = broadcastFrom(0);
    broadcast.take(message('video', 0, AVC_CONFIG), NOW_MS);
    broadcast.take(message('audio', 0, AAC_CONFIG), NOW_MS);
    broadcast.take(message('video', 0, picture(true)), NOW_MS);
    broadcast.take(message('audio', 0, sound()), NOW_MS);
    assert.equal(broadcast.take(message('video', 1000, picture(true)), NOW_MS + 1000).kind, 'start');
    broadcast.take(message('video', 21_000, picture(true)), NOW_MS + 1040);
    assert.ok(
      Math.abs(broadcast.aheadMs(NOW_MS + 1040)) < 100,
      `${broadcast.aheadMs(NOW_MS + 1040)} ms ahead`,
    );
    broadcast.take(message('audio', 1040, sound()), NOW_MS + 1040);
    broadcast.take(message('video', 22_000, picture(false)), NOW_MS + 2040);
    assert.ok(Math.abs(broadcast.mediaEndMs - (NOW_MS + 2040)) < 100);
    // Her line was down for as long as the leap: that is no leap at all.
    broadcast.take(message('video', 42_000, picture(true)), NOW_MS + 22_040);
    assert.ok(Math.abs(broadcast.mediaEndMs - (NOW_MS + 22_040)) < 100);
  });

  it('knows how late media arrives, by kind, and removes the jumps that the worker removes', () => {
    const broadcast = broadcastFrom(0);
    broadcast.take(message('video', 0, AVC_CONFIG), NOW_MS);
    broadcast.take(message('audio', 0, AAC_CONFIG), NOW_MS);
    broadcast.take(message('video', 0, picture(true)), NOW_MS);
    broadcast.take(message('audio', 0, sound()), NOW_MS);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS), { picture: null, sound: null });
    assert.equal(broadcast.take(message('video', 1000, picture(true)), NOW_MS + 1000).kind, 'start');
    broadcast.take(message('video', 5040, picture(false)), NOW_MS + 5240);
    broadcast.take(message('audio', 5200, sound()), NOW_MS + 5240);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 5240), { picture: 200, sound: 40 });
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 7240), { picture: 2200, sound: 2040 });
    // Her encoder begins anew at 0.
    broadcast.take(message('video', 0, picture(true)), NOW_MS + 7280);
    assert.deepEqual(broadcast.lineLagMs(NOW_MS + 7280), { picture: 2060, sound: 2080 });
  });

  it('must be described in 20 s: a publisher that only keeps the seat is refused', () => {
    const broadcast = broadcastFrom(0);
    const soon = broadcast.take(message('video', 0, picture(true)), NOW_MS + 19_999);
    assert.equal(soon.kind, 'wait');
    const step = broadcast.take(message('video', 40, picture(false)), NOW_MS + 20_000);
    assert.deepEqual(step, {
      kind: 'refuse',
      reason: 'no sequence header of sound or picture within 20000 ms',
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
