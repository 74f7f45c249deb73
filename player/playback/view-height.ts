/** Height of the picture on the page in device pixels; screens finer than two pixels a CSS pixel are no reason for more. */
export function viewHeightPx(video: HTMLVideoElement): number {
  return Math.round(video.clientHeight * Math.min(2, devicePixelRatio || 1));
}
