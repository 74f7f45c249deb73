import { box, fullBox, u16, u32 } from './box.ts';

/** What an init segment is made from. */
export type TrackConfig =
  | {
      readonly kind: 'video';
      readonly codec: 'h264' | 'hevc' | 'av1';
      /** avcC, hvcC or av1C. */
      readonly decoderConfig: Buffer;
      /** Pixels. */
      readonly widthPx: number;
      readonly heightPx: number;
      readonly timescaleHz: number;
    }
  | {
      readonly kind: 'audio';
      /** AudioSpecificConfig. */
      readonly decoderConfig: Buffer;
      readonly channels: number;
      readonly timescaleHz: number;
    };

const IDENTITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const TRACK_ID = 1;

/**
 * Writes the CMAF header of a track: `ftyp` and `moov` without samples.
 *
 * @see ISO/IEC 23000-19 §7.3.1; ISO/IEC 14496-12 §8
 */
export function writeInitSegment(track: TrackConfig): Buffer {
  const isVideo = track.kind === 'video';
  const size = isVideo ? u32(track.widthPx * 0x10000, track.heightPx * 0x10000) : u32(0, 0);
  const mediaHeader = isVideo
    ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) // graphicsmode, opcolor
    : fullBox('smhd', 0, 0, u16(0, 0)); // balance, reserved
  const dataInformation = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const sampleTable = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), isVideo ? visualEntry(track) : audioEntry(track)),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6', 'latin1'), u32(0), Buffer.from('iso6cmfcmp41', 'latin1')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        u32(0, 0, track.timescaleHz, 0), // creation, modification, timescale, duration
        u32(0x10000), // rate 1.0
        u16(0x100, 0), // volume 1.0, reserved
        u32(0, 0),
        IDENTITY_MATRIX,
        u32(0, 0, 0, 0, 0, 0), // pre_defined
        u32(TRACK_ID + 1), // next_track_ID
      ),
      box(
        'trak',
        fullBox(
          'tkhd',
          0,
          3, // enabled, in movie
          u32(0, 0, TRACK_ID, 0, 0, 0, 0), // creation, modification, track_ID, reserved, duration, reserved
          u16(0, 0, isVideo ? 0 : 0x100, 0), // layer, alternate_group, volume, reserved
          IDENTITY_MATRIX,
          size,
        ),
        box(
          'mdia',
          fullBox('mdhd', 0, 0, u32(0, 0, track.timescaleHz, 0), u16(0x55c4, 0)), // language und
          fullBox(
            'hdlr',
            0,
            0,
            u32(0), // pre_defined
            Buffer.from(isVideo ? 'vide' : 'soun', 'latin1'),
            u32(0, 0, 0),
            Buffer.from('Lectern\0', 'latin1'),
          ),
          box('minf', mediaHeader, dataInformation, sampleTable),
        ),
      ),
      box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0))),
    ),
  ]);
}

const VISUAL_ENTRY = {
  h264: ['avc1', 'avcC'],
  hevc: ['hvc1', 'hvcC'],
  av1: ['av01', 'av1C'],
} as const;

function visualEntry(track: Extract<TrackConfig, { kind: 'video' }>): Buffer {
  const [type, configType] = VISUAL_ENTRY[track.codec];
  return box(
    type,
    u16(0, 0, 0, 1), // reserved, data_reference_index
    u32(0, 0, 0, 0), // pre_defined, reserved
    u16(track.widthPx, track.heightPx),
    u32(0x480000, 0x480000, 0), // 72 dpi, reserved
    u16(1), // frame_count
    Buffer.alloc(32), // compressorname
    u16(0x18, 0xffff), // depth, pre_defined
    box(configType, track.decoderConfig),
    box('pasp', u32(1, 1)),
  );
}

function audioEntry(track: Extract<TrackConfig, { kind: 'audio' }>): Buffer {
  return box(
    'mp4a',
    u16(0, 0, 0, 1), // reserved, data_reference_index
    u32(0, 0), // reserved
    u16(track.channels, 16, 0, 0), // channelcount, samplesize
    u32(track.timescaleHz * 0x10000), // samplerate, 16.16; 48,000 just fits
    elementaryStreamDescriptor(track.decoderConfig),
  );
}

/** @see ISO/IEC 14496-14 §6.7.2, ISO/IEC 14496-1 §7.2.6 */
function elementaryStreamDescriptor(config: Buffer): Buffer {
  const specific = descriptor(0x05, config); // DecSpecificInfoTag
  const decoder = descriptor(
    0x04, // DecoderConfigDescrTag
    Buffer.from([0x40, 0x15, 0, 0, 0]), // MPEG-4 audio, audio stream, bufferSizeDB
    u32(0, 0), // maxBitrate, avgBitrate: not known
    specific,
  );
  return fullBox(
    'esds',
    0,
    0,
    descriptor(0x03, u16(TRACK_ID), Buffer.from([0]), decoder, descriptor(0x06, Buffer.from([0x02]))),
  );
}

function descriptor(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  // Four bytes of size, seven bits each: every reader takes this form.
  const size = [body.length >> 21, body.length >> 14, body.length >> 7].map((part) => (part & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([tag, ...size, body.length & 0x7f]), body]);
}
