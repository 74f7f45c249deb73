import { box, fullBox, u16, u32 } from './box-writer.ts';

/** Codecs of sound that have a sample entry of their own in MP4, beside AAC. */
export type SoundEntryCodec = 'opus' | 'flac' | 'ac3' | 'eac3';

const ENTRY_OF: Readonly<Record<SoundEntryCodec, string>> = {
  opus: 'Opus',
  flac: 'fLaC',
  ac3: 'ac-3',
  eac3: 'ec-3',
};
/** Last-metadata-block flag and type STREAMINFO (RFC 9639 §8.1), whose content has 34 bytes. */
const LAST_STREAM_INFO = 0x80000000;
const STREAM_INFO_BYTES = 34;
/** An Opus ID header without its channel mapping table (RFC 7845 §5.1). */
const OPUS_HEAD_BYTES = 19;

/**
 * Writes an AudioSampleEntry (ISO/IEC 14496-12 §12.2.3) for a decoder: with the boxes that it needs.
 *
 * @param sampleRateHz up to 65,535; a higher one is written as 0
 * @param config Opus ID header, or FLAC's stream information, alone or behind `fLaC` and its block header; not looked at for others
 * @returns a copy; owned by the caller
 */
export function writeSoundEntry(
  codec: SoundEntryCodec,
  channels: number,
  sampleRateHz: number,
  config: Buffer,
): Buffer {
  return box(ENTRY_OF[codec], [
    ...[Buffer.alloc(6), u16(1)], // reserved, data_reference_index
    Buffer.alloc(8), // reserved
    ...[u16(channels), u16(16), u32(0)], // channelcount, samplesize, pre_defined and reserved
    u32(sampleRateHz > 0xffff ? 0 : sampleRateHz * 0x10000), // samplerate, 16.16
    ...specificBoxes(codec, config),
  ]);
}

function specificBoxes(codec: SoundEntryCodec, config: Buffer): Buffer[] {
  if (codec === 'opus' && config.length >= OPUS_HEAD_BYTES) return [writeOpusBox(config)];
  if (codec === 'flac' && config.length >= STREAM_INFO_BYTES) {
    const info = config.subarray(-STREAM_INFO_BYTES);
    return [fullBox('dfLa', 0, 0, [u32(LAST_STREAM_INFO + STREAM_INFO_BYTES), info])];
  }
  return [];
}

/** OpusSpecificBox (Encapsulation of Opus in ISO Base Media File Format §4.3.2): the ID header's fields, highest byte first. */
function writeOpusBox(head: Buffer): Buffer {
  return box('dOps', [
    Buffer.of(0, head[9] ?? 2), // Version, OutputChannelCount
    u16(head.readUInt16LE(10)), // PreSkip
    u32(head.readUInt32LE(12)), // InputSampleRate
    u16(head.readUInt16LE(16)), // OutputGain
    head.subarray(18), // ChannelMappingFamily, ChannelMappingTable
  ]);
}
