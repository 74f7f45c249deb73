import type { AacConfig } from '../codec/aac-config.ts';
import type { Av1Record } from '../codec/av1-config.ts';
import type { AvcRecord } from '../codec/avc-config.ts';
import type { HevcRecord } from '../codec/hevc-config.ts';
import type { AspectRatio } from '../codec/picture-format.ts';

/** A decoder configuration record, by the box that holds it. */
export type VideoConfig =
  | { readonly type: 'avcC'; readonly record: AvcRecord }
  | { readonly type: 'hvcC'; readonly record: HevcRecord }
  | { readonly type: 'av1C'; readonly record: Av1Record };

/** What a VisualSampleEntry says (ISO/IEC 14496-12 §12.1.3). */
export type VideoEntry = {
  readonly kind: 'video';
  /** Type of the entry: `avc1`, `avc3`, `hvc1`, `hev1` or `av01`. */
  readonly type: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** RFC 6381: `avc1.64001f`. */
  readonly codec: string;
  readonly config: VideoConfig;
  /** Where the configuration's box stood, for messages. */
  readonly configAtBytes: number;
  /** pasp (§12.1.4); null where there is none. */
  readonly pixelAspectRatio: AspectRatio | null;
  /** The boxes that a decoder or a display needs, in their order: configuration, pasp, colr. Whole and borrowed. */
  readonly extensions: readonly Buffer[];
};

/** What an AudioSampleEntry of AAC says (ISO/IEC 14496-12 §12.2.3, ISO/IEC 14496-14 §5.6). */
export type AudioEntry = {
  readonly kind: 'audio';
  /** channelcount: the core's channels, or what the entry says where the configuration does not tell. */
  readonly channelCount: number;
  /** RFC 6381: `mp4a.40.2`. */
  readonly codec: string;
  readonly aac: AacConfig;
  /** AudioSpecificConfig; borrowed. */
  readonly specificConfig: Buffer;
};

/** The one sample entry of a track. */
export type SampleEntry = VideoEntry | AudioEntry;
