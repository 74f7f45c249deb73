/** What is known of a publisher's picture before the first frame is decoded. */
export type SourceVideo = {
  readonly codec: 'h264' | 'hevc' | 'av1';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second as declared or measured; 0 when unknown. */
  readonly frameRate: number;
};

/** What is known of a publisher's sound. */
export type SourceAudio = {
  /** Only `aac` (AAC-LC) at 48 kHz is passed through; everything else is encoded anew. */
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
};

/**
 * One broadcast to be transcoded: what ingest hands to a transcode worker, through the JobQueue.
 *
 * It ends when the source ends: cleanly when the teacher stopped, with a broken response when her line dropped.
 */
export type TranscodeJob = {
  readonly channel: string;
  /** New for every accepted publish; [a-z0-9-]{1,64}, sorts by time. */
  readonly broadcast: string;
  /** FLV over HTTP, from the accepted session alone; asks for a token of role `worker`. */
  readonly sourceUrl: string;
  /** UTC of RTMP timestamp 0, in milliseconds; the one stamp of this broadcast, for every transcoder of it. */
  readonly epochOffsetMs: number;
  /** null when the publisher sends none. At least one of the two is there. */
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
};
