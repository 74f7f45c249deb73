/** Media types of what the origin serves (RFC 8216bis §4, §10; DASH: RFC 4337 and ISO/IEC 23009-1 §C). */
export const MEDIA_TYPES = {
  playlist: 'application/vnd.apple.mpegurl',
  manifest: 'application/dash+xml',
  video: 'video/mp4',
  audio: 'audio/mp4',
} as const;
