/**
 * One AAC-LC frame of silence each, 1,024 samples: a single channel element, or a channel pair element, whose spectra
 * are all zero. They fit any sampling rate.
 *
 * @see ISO/IEC 14496-3 §4.4.2.1
 */
const SILENT_MONO = Buffer.from([0x00, 0xc8, 0x00, 0x80, 0x23, 0x80]);
const SILENT_STEREO = Buffer.from([0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80]);

/**
 * One AAC-LC frame of silence.
 *
 * @param channels 1, or 2
 * @returns shared bytes; they must not be written to
 */
export function silentFrame(channels: number): Buffer {
  return channels === 1 ? SILENT_MONO : SILENT_STEREO;
}
