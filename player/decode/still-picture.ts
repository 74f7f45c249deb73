/** The still picture is no wider than this, in pixels. */
const MOST_WIDE_PX = 1280;

/**
 * Draws the picture that a video element shows, to be shown in its place.
 *
 * @returns null where it shows none
 */
export function drawStill(video: HTMLVideoElement): HTMLCanvasElement | null {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || videoHeight === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = Math.min(MOST_WIDE_PX, videoWidth);
  canvas.height = Math.round((canvas.width * videoHeight) / videoWidth);
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}
