/** The video codecs that are read and written: H.264, H.265 and AV1. */
export type VideoCodec = 'h264' | 'hevc' | 'av1';
