import assert from 'node:assert/strict';
import { PublisherTracks } from '../../../ingest/media/publisher-tracks.ts';

type Packet = { readonly trackId: number; readonly kind: 'config' | 'frame'; readonly data: Buffer };

const config = (trackId: number): Packet => ({ trackId, kind: 'config', data: Buffer.of(trackId) });
const frame = (trackId: number): Packet => ({ trackId, kind: 'frame', data: Buffer.of(0x80 + trackId) });
const names = (packets: readonly Packet[]): string[] =>
  packets.map(({ kind, trackId }) => `${kind} ${trackId}`);

describe('which of several tracks is on air', () => {
  it('track 0; the others are left aside', () => {
    const choice = new PublisherTracks<Packet>();
    const chosen = choice.choose([config(0), config(1), frame(1), frame(0), frame(2)], 0);
    assert.deepEqual(names(chosen), ['config 0', 'frame 0']);
    assert.deepEqual(choice.aside, [1, 2]);
  });

  it('without track 0 the lowest one, after a second, with the configuration that came before', () => {
    const choice = new PublisherTracks<Packet>();
    assert.deepEqual(choice.choose([config(3), config(2), frame(3), frame(2)], 0), []);
    assert.deepEqual(names(choice.choose([frame(3)], 1000)), ['config 2']);
    assert.deepEqual(names(choice.choose([frame(2), frame(3)], 1020)), ['frame 2']);
    assert.deepEqual(choice.aside, [3]);
  });

  it('track 0 takes over when it comes after all, and others do not', () => {
    const choice = new PublisherTracks<Packet>();
    choice.choose([config(1)], 0);
    assert.deepEqual(names(choice.choose([frame(1)], 2000)), ['config 1', 'frame 1']);
    assert.deepEqual(names(choice.choose([config(0), frame(0), frame(1)], 3000)), ['config 0', 'frame 0']);
  });
});
