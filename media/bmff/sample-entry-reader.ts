import { readAv1Record } from '../codec/av1-config.ts';
import { readAvcRecord } from '../codec/avc-config.ts';
import { aacCodec, av1Codec, avcCodec, hevcCodec } from '../codec/codec-string.ts';
import { readHevcRecord } from '../codec/hevc-config.ts';
import { isMalformed, type Malformed } from '../codec/malformed.ts';
import type { AspectRatio } from '../codec/picture-format.ts';
import { type Box, type BoxSource, onlyChild, readBox, readBoxes } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import { readEsds } from './esds.ts';
import type { AudioEntry, SampleEntry, VideoConfig, VideoEntry } from './sample-entry.ts';

/** Configuration box by sample entry (ISO/IEC 14496-15 §5.4.2, §8.4.1; AV1 ISOBMFF binding §2.2). */
const CONFIG_OF: Readonly<Record<string, VideoConfig['type']>> = {
  avc1: 'avcC',
  avc3: 'avcC',
  hvc1: 'hvcC',
  hev1: 'hvcC',
  av01: 'av1C',
};

/**
 * Reads the only entry of a SampleDescriptionBox (ISO/IEC 14496-12 §8.5.2): fragments here cannot change between several.
 *
 * @param kind what the track's handler says
 * @throws {MediaError} `bad-cmaf` for none or several, a codec that is not known here, and a configuration that cannot
 *   be read
 */
export function readSampleEntry(source: BoxSource, stsd: Box, kind: 'video' | 'audio'): SampleEntry {
  const fields = new FieldReader(source, stsd);
  fields.skip(4); // version, flags
  const count = fields.u32(); // entry_count
  if (count !== 1) throw fields.bad(`entry_count ${count}, want 1`);
  const entry = readBox(source, fields.at, stsd.end);
  return kind === 'video' ? readVideoEntry(source, entry) : readAudioEntry(source, entry);
}

/** VisualSampleEntry (§12.1.3) with its configuration, pasp and colr; other boxes in it are not read. */
function readVideoEntry(source: BoxSource, entry: Box): VideoEntry {
  const fields = new FieldReader(source, entry);
  const configType = Object.hasOwn(CONFIG_OF, entry.type) ? CONFIG_OF[entry.type] : undefined;
  if (configType === undefined) {
    throw fields.bad(`video of type ${JSON.stringify(entry.type)}, want avc1, avc3, hvc1, hev1 or av01`);
  }
  fields.skip(24); // reserved, data_reference_index, pre_defined, reserved
  const widthPx = fields.u16(); // width
  const heightPx = fields.u16(); // height
  if (widthPx === 0 || heightPx === 0) throw fields.bad(`picture of ${widthPx} x ${heightPx}`);
  fields.skip(50); // horizresolution, vertresolution, reserved, frame_count, compressorname, depth, pre_defined
  const children = readBoxes(source, fields.at, entry.end);
  const configBox = onlyChild(source, children, configType, entry);
  const config = readConfig(source, configBox, configType);
  const pasp = children.find(({ type }) => type === 'pasp');
  const extensions = children.filter((child) => child === configBox || /^(pasp|colr)$/.test(child.type));
  return {
    ...{ kind: 'video', type: entry.type, widthPx, heightPx, codec: codecOf(entry.type, config), config },
    configAtBytes: source.originBytes + configBox.start,
    pixelAspectRatio: pasp === undefined ? null : readPasp(source, pasp),
    extensions: extensions.map((child) => source.bytes.subarray(child.start, child.end)),
  };
}

function readConfig(source: BoxSource, box: Box, type: VideoConfig['type']): VideoConfig {
  const content = source.bytes.subarray(box.payload, box.end);
  const readable = <T extends object>(record: T | Malformed): T => {
    if (isMalformed(record)) throw new FieldReader(source, box).bad(record.malformed);
    return record;
  };
  if (type === 'avcC') return { type, record: readable(readAvcRecord(content)) };
  if (type === 'hvcC') return { type, record: readable(readHevcRecord(content)) };
  return { type, record: readable(readAv1Record(content)) };
}

function codecOf(entryType: string, config: VideoConfig): string {
  if (config.type === 'avcC') return avcCodec(entryType, config.record);
  return config.type === 'hvcC' ? hevcCodec(entryType, config.record) : av1Codec(config.record);
}

/** PixelAspectRatioBox (§12.1.4). */
function readPasp(source: BoxSource, box: Box): AspectRatio | null {
  const fields = new FieldReader(source, box);
  const horizontal = fields.u32(); // hSpacing
  const vertical = fields.u32(); // vSpacing
  return horizontal === 0 || vertical === 0 ? null : { horizontal, vertical };
}

/** AudioSampleEntry (§12.2.3) with its esds. */
function readAudioEntry(source: BoxSource, entry: Box): AudioEntry {
  const fields = new FieldReader(source, entry);
  if (entry.type !== 'mp4a') throw fields.bad(`audio of type ${JSON.stringify(entry.type)}, want mp4a`);
  fields.skip(8); // reserved, data_reference_index
  const version = fields.u16(); // 0; the entries of QuickTime have others, and other fields behind
  if (version !== 0) throw fields.bad(`sample entry version ${version}, want 0`);
  fields.skip(6); // reserved
  const entryChannels = fields.u16(); // channelcount
  fields.skip(10); // samplesize, pre_defined, reserved, samplerate
  const children = readBoxes(source, fields.at, entry.end);
  const { aac, specificConfig } = readEsds(source, onlyChild(source, children, 'esds', entry));
  return {
    kind: 'audio',
    // The decoder goes by AudioSpecificConfig; channelcount counts only where that refers to a program_config_element.
    channelCount: aac.channelConfiguration === 0 ? entryChannels : aac.coreChannels,
    codec: aacCodec(aac),
    aac,
    specificConfig,
  };
}
