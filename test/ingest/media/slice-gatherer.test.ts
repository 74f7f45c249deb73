import assert from 'node:assert/strict';
import { PictureReader } from '../../../ingest/media/picture-reader.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { joinNalUnits } from '../../../media/codec/nal-units.ts';
import { writeVideoPacket } from '../../../media/flv/packet-writer.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';
import { AVC_CONFIG } from '../support/media-bodies.ts';
import { framesIn, pass } from './support/readers.ts';

const sample = (...units: readonly Buffer[]): Buffer => joinNalUnits(units, 4) ?? Buffer.alloc(0);

/** A reader of H.264 that has its header. */
function reading(): PictureReader {
  const reader = new PictureReader();
  const header = readVideoPacket(AVC_CONFIG);
  assert.ok(header !== null);
  reader.take(header, 0, 0);
  return reader;
}

describe('pictures of a publisher: slices in messages of their own', () => {
  const slice = (type: number, firstBlock: number): Buffer =>
    Buffer.concat([
      new BitWriter().u(8, type).ue(firstBlock).ue(7).ue(0).trailingBits().bytes(),
      Buffer.of(firstBlock + 1),
    ]);
  const [A, B, C] = [0, 80, 160].map((block) => slice(0x65, block)) as [Buffer, Buffer, Buffer];
  const [P, Q, R] = [0, 80, 160].map((block) => slice(0x41, block)) as [Buffer, Buffer, Buffer];
  const pictures = (reader: PictureReader, sent: readonly (readonly [number, ...Buffer[]])[]) => {
    const steps = pass(sent, ([atMs, ...units]) => {
      const frame = { kind: 'frame', codec: 'h264', isSync: false, compositionOffsetMs: 0 } as const;
      const packet = readVideoPacket(writeVideoPacket({ ...frame, data: sample(...units) }));
      assert.ok(packet !== null);
      return reader.take(packet, atMs, atMs);
    });
    return framesIn(steps).map(({ timestampMs, isSync, data }) => [timestampMs, isSync, data]);
  };

  it('are put together; the keyframe whose first slice was taken for all of it comes again', () => {
    const reader = reading();
    const got = pictures(reader, [
      ...([
        [0, A],
        [0, B],
        [1, C],
      ] as const),
      ...([
        [40, P],
        [40, Q, R],
      ] as const),
      ...([
        [80, P],
        [80, Q],
        [80, R],
      ] as const),
      ...([
        [120, A],
        [120, B],
        [120, C],
      ] as const),
      [160, P, Q, R],
    ]);
    assert.deepEqual(got, [
      [0, true, sample(A)],
      [1, true, sample(A, B, C)],
      [40, false, sample(P, Q, R)],
      [80, false, sample(P, Q, R)],
      [120, true, sample(A, B, C)],
    ]);
    assert.deepEqual(reader.flush(190), [], 'another slice may come');
    assert.deepEqual(
      reader.flush(210).map(({ timestampMs }) => timestampMs),
      [160],
    );
  });

  it('of another time are a picture that has lost its first ones', () => {
    const reader = reading();
    assert.deepEqual(
      pictures(reader, [
        [0, A, B, C],
        [40, Q, R],
        [80, P, Q, R],
      ]),
      [
        [0, true, sample(A, B, C)],
        [40, false, sample(Q, R)],
        [80, false, sample(P, Q, R)],
      ],
    );
  });
});
