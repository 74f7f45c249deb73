import { signal } from '@preact/signals';

/** iPhones have no full screen for elements, only for the video. */
type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };
type OldDocument = Document & { webkitFullscreenElement?: Element | null; webkitExitFullscreen?: () => void };
type OldElement = HTMLElement & { webkitRequestFullscreen?: () => void };

/** Whether the stage fills the screen. */
export const isFullscreen = signal(false);

const old: OldDocument = document;
for (const name of ['fullscreenchange', 'webkitfullscreenchange']) {
  document.addEventListener(name, () => {
    isFullscreen.value = (document.fullscreenElement ?? old.webkitFullscreenElement ?? null) !== null;
  });
}

/** Enters or leaves full screen. The browser may refuse. */
export function toggleFullscreen(stage: OldElement, video: PhoneVideo): void {
  if (isFullscreen.value) {
    if (document.exitFullscreen) void document.exitFullscreen().catch(() => {});
    else old.webkitExitFullscreen?.();
    return;
  }
  if (stage.requestFullscreen) {
    void stage
      .requestFullscreen()
      .then(turn)
      .catch(() => {});
  } else if (stage.webkitRequestFullscreen) stage.webkitRequestFullscreen();
  else video.webkitEnterFullscreen?.();
}

/** Whether the browser has picture in picture. */
export function isPipPossible(video: HTMLVideoElement): boolean {
  return document.pictureInPictureEnabled === true && !video.disablePictureInPicture;
}

/** Enters or leaves picture in picture. */
export function togglePip(video: HTMLVideoElement): void {
  const done =
    document.pictureInPictureElement === video
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture();
  void Promise.resolve(done).catch(() => {});
}

function turn(): void {
  // Turns the screen where the device can; others refuse.
  const orientation = screen.orientation as ScreenOrientation & { lock?: (to: 'landscape') => Promise<void> };
  if (matchMedia('(pointer: coarse)').matches) void orientation.lock?.('landscape').catch(() => {});
}
