import Hls from 'hls.js';

/** Tells whether this browser has what hls.js needs. */
export function isHlsJsSupported(): boolean {
  return Hls.isSupported();
}

/** Tells whether the browser plays HLS by itself, as iPhones do that have no Media Source Extensions. */
export function isNativeHlsSupported(video: HTMLVideoElement): boolean {
  return video.canPlayType('application/vnd.apple.mpegurl') !== '';
}
