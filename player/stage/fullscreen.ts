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

/** Fills the screen with the stage, or lets go of it. A refusal by the browser changes nothing. */
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

/** Whether the browser can show the video in a window of its own. */
export function isPipPossible(video: HTMLVideoElement): boolean {
  return document.pictureInPictureEnabled === true && !video.disablePictureInPicture;
}

/** Shows the video in a window of its own, or brings it back. */
export function togglePip(video: HTMLVideoElement): void {
  const done =
    document.pictureInPictureElement === video
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture();
  void Promise.resolve(done).catch(() => {});
}

function turn(): void {
  // Phones that can be turned are; the others say no, and that is fine.
  const orientation = screen.orientation as ScreenOrientation & { lock?: (to: 'landscape') => Promise<void> };
  if (matchMedia('(pointer: coarse)').matches) void orientation.lock?.('landscape').catch(() => {});
}
