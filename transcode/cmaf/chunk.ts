/** One coded frame, ready to be wrapped. */
export type Frame = {
  /** Ticks of the track's timescale since the epoch. */
  readonly decodeTicks: number;
  readonly durationTicks: number;
  /** Presentation minus decode time, ticks. May be negative. */
  readonly compositionOffsetTicks: number;
  /** Decoding can start here. */
  readonly isSync: boolean;
  readonly data: Buffer;
};

const MFHD_BYTES = 16;
const TFHD_BYTES = 20;
const TFDT_BYTES = 20;
const TRUN_BYTES = 36;
const TRAF_BYTES = 8 + TFHD_BYTES + TFDT_BYTES + TRUN_BYTES;
const MOOF_BYTES = 8 + MFHD_BYTES + TRAF_BYTES;
const HEAD_BYTES = MOOF_BYTES + 8;

/** sample_depends_on 2: on no other. */
const SYNC_SAMPLE = 0x02000000;
/** sample_depends_on 1, sample_is_non_sync_sample. */
const NON_SYNC_SAMPLE = 0x01010000;

/**
 * Wraps one frame into a CMAF chunk: `moof` and `mdat`.
 *
 * Every field has a fixed place, so the head is written in one go: this runs once a frame and track.
 *
 * @param sequence sequence_number of the fragment, from 1 up
 * @returns new bytes; `frame.data` is copied into them
 * @see ISO/IEC 23000-19 §7.3.3; ISO/IEC 14496-12 §8.8
 */
export function writeChunk(frame: Frame, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + frame.data.length);
  let at = 0;
  const u32 = (value: number): void => {
    at = bytes.writeUInt32BE(value >>> 0, at);
  };
  const head = (sizeBytes: number, type: string): void => {
    u32(sizeBytes);
    at += bytes.write(type, at, 'latin1');
  };
  head(MOOF_BYTES, 'moof');
  head(MFHD_BYTES, 'mfhd');
  u32(0);
  u32(sequence); // sequence_number (§8.8.5)
  head(TRAF_BYTES, 'traf');
  head(TFHD_BYTES, 'tfhd');
  u32(0x020020); // default-base-is-moof, default-sample-flags-present (§8.8.7)
  u32(1); // track_ID
  u32(NON_SYNC_SAMPLE); // default_sample_flags
  head(TFDT_BYTES, 'tfdt');
  u32(0x01000000); // version 1: 64 bit (§8.8.12)
  at = bytes.writeBigUInt64BE(BigInt(frame.decodeTicks), at); // baseMediaDecodeTime
  head(TRUN_BYTES, 'trun');
  // Version 1 (signed offsets); data-offset, and duration, size, flags and composition time offset of the sample.
  u32(0x01000f01);
  u32(1); // sample_count (§8.8.8)
  u32(HEAD_BYTES); // data_offset, from the start of moof
  u32(frame.durationTicks); // sample_duration
  u32(frame.data.length); // sample_size
  u32(frame.isSync ? SYNC_SAMPLE : NON_SYNC_SAMPLE); // sample_flags
  at = bytes.writeInt32BE(frame.compositionOffsetTicks, at); // sample_composition_time_offset
  head(8 + frame.data.length, 'mdat');
  frame.data.copy(bytes, at);
  return bytes;
}
