import { type AspectRatio, displaySize } from '../codec/picture-format.ts';
import type { VideoCodec } from '../codec/video-codec.ts';
import { box } from './box-writer.ts';
import { writeInitSegment } from './init-writer.ts';
import { writeAudioEntry, writePasp, writeVideoEntry } from './sample-entry-writer.ts';

/** An encoded track, as encoders and publishers describe it. */
export type EncodedTrack =
  | {
      readonly kind: 'video';
      readonly codec: VideoCodec;
      /** Decoder configuration record: the content of avcC, hvcC or av1C. */
      readonly decoderConfig: Buffer;
      readonly widthPx: number;
      readonly heightPx: number;
      /** Shape of a pixel; square when left out. */
      readonly pixelAspect?: AspectRatio;
      readonly timescaleHz: number;
    }
  | {
      readonly kind: 'audio';
      /** AudioSpecificConfig of AAC-LC. */
      readonly decoderConfig: Buffer;
      readonly channels: number;
      /** The sampling rate as well: a tick is a sample. */
      readonly timescaleHz: number;
    };

/** track_ID of a track that is alone in its stream. */
export const ONLY_TRACK_ID = 1;

const SQUARE: AspectRatio = { horizontal: 1, vertical: 1 };

/** Sample entry and configuration box by codec, with the parameter sets in the entry. */
const ENTRY_OF = {
  h264: ['avc1', 'avcC'],
  hevc: ['hvc1', 'hvcC'],
  av1: ['av01', 'av1C'],
} as const;

/**
 * Writes the init segment of an encoded track. Its id is {@link ONLY_TRACK_ID}.
 *
 * @returns ftyp and moov; owned by the caller
 */
export function writeTrackHeader(track: EncodedTrack): Buffer {
  const { kind, timescaleHz } = track;
  const isVideo = kind === 'video';
  const display = isVideo ? displaySize(track, track.pixelAspect ?? null) : { widthPx: 0, heightPx: 0 };
  return writeInitSegment({
    ...{ kind, timescaleHz, trackId: ONLY_TRACK_ID },
    displayWidth: display.widthPx * 0x10000,
    displayHeight: display.heightPx * 0x10000,
    sampleEntry: isVideo
      ? videoEntry(track)
      : writeAudioEntry(track.channels, timescaleHz, track.decoderConfig),
  });
}

function videoEntry(track: Extract<EncodedTrack, { kind: 'video' }>): Buffer {
  const [type, configType] = ENTRY_OF[track.codec];
  const extensions = [box(configType, [track.decoderConfig]), writePasp(track.pixelAspect ?? SQUARE)];
  return writeVideoEntry(type, track.widthPx, track.heightPx, extensions);
}
