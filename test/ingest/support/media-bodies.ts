import { writeAacPacket, writeVideoPacket } from '../../../media/flv/packet-writer.ts';

/** FLV tag bodies for tests: what an encoder sends. The configurations stand as bytes, so that every one is known. */

/** H.264 sequence header of a 320×180 picture at 25 fps, as libx264 writes it (High profile, level 1.2). */
export const AVC_CONFIG = Buffer.from(
  '17000000000164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
  'hex',
);

/** AAC-LC, 48 kHz, stereo. */
export const AAC_CONFIG = Buffer.from('af001190', 'hex');

/** A picture of `sizeBytes`: one slice, all of one byte but for its head, so that it is found again in what a reader gets. */
export function picture(isKey: boolean, sizeBytes = 64, fill = 0x55, compositionOffsetMs = 0): Buffer {
  const data = Buffer.alloc(sizeBytes - 5, fill);
  data.writeUInt32BE(data.length - 4); // the NAL unit's length
  // An IDR slice with I, or another one with P; first_mb_in_slice and pic_parameter_set_id are 0.
  Buffer.from(isKey ? '658884' : '419a24', 'hex').copy(data, 4);
  return writeVideoPacket({ kind: 'frame', codec: 'h264', isSync: isKey, compositionOffsetMs, data });
}

/** One AAC frame. */
export function sound(sizeBytes = 32, fill = 0x66): Buffer {
  return writeAacPacket('frame', Buffer.alloc(sizeBytes - 2, fill));
}
