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

/** HEVC sequence start of a 320×180 picture at 25 fps by FourCC, as libx265 writes it (Main profile). */
export const HEVC_CONFIG = writeVideoPacket({
  ...{ kind: 'config', codec: 'hevc', isSync: true, compositionOffsetMs: 0 },
  data: Buffer.from(
    '0101600000009000000000003cf000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003c959409a10001002b42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003003210a2000100064401c073c189',
    'hex',
  ),
});

/** A picture of HEVC by FourCC: one slice, IDR_W_RADL or TRAIL_R. */
export function hevcPicture(isKey: boolean): Buffer {
  const unit = Buffer.concat([Buffer.from(isKey ? '2601af' : '0201d0', 'hex'), Buffer.alloc(20, 0x55)]);
  const data = Buffer.concat([Buffer.of(0, 0, 0, unit.length), unit]);
  return writeVideoPacket({ kind: 'frame', codec: 'hevc', isSync: isKey, compositionOffsetMs: 0, data });
}
