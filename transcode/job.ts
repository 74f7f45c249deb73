import type { AspectRatio } from '../media/codec/picture-format.ts';
import type { VideoCodec } from '../media/codec/video-codec.ts';

/** The publisher's picture, as known before the first frame is decoded. */
export type SourceVideo = {
  readonly codec: VideoCodec;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second as measured or declared; 0 when unknown. */
  readonly frameRate: number;
  /** Shape of a sample as the bitstream says it; square when left out. */
  readonly pixelAspect?: AspectRatio | undefined;
  /** What keeps browsers from playing it as it is: `HDR`, `interlaced`, `10 bits`, `4:2:2`; left out where nothing does. */
  readonly notPlayed?: string | undefined;
};

/** The publisher's sound. */
export type SourceAudio = {
  /** Only `aac` (AAC-LC) at 48 kHz is passed through; everything else is encoded. */
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
};

/**
 * What ingest asks a transcode worker to do, through the JobQueue: transcode one publication until its source ends.
 */
export type TranscodeJob = {
  readonly channel: string;
  /** New for every publication; [a-z0-9-]{1,64}, sorts by time. */
  readonly broadcast: string;
  /** FLV over HTTP; requires a token of role `worker`. */
  readonly sourceUrl: string;
  /** That a role with the same secret has written {@link sourceUrl}, see `shared/source-proof.ts`. */
  readonly sourceProof: string;
  /** The epoch stamp: UTC of RTMP timestamp 0, milliseconds. The same for every transcoder of this broadcast. */
  readonly epochOffsetMs: number;
  /** Null when the publisher sends none; not both are null. */
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
};
