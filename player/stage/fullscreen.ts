import { signal } from '@preact/signals';

/** iPhones have no full screen for elements, only for the video. */
type PhoneVideo = HTMLVideoElement & {
  webkitEnterFullscreen?: () => void;
  webkitExitFullscreen?: () => void;
  readonly webkitDisplayingFullscreen?: boolean;
};
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
  else enterVideoScreen(video);
}

/** The video that fills a phone's screen, without anything of the page over it; null where none does. */
let onScreen: PhoneVideo | null = null;

function enterVideoScreen(video: PhoneVideo): void {
  onScreen = video;
  video.addEventListener('webkitendfullscreen', () => {
    onScreen = null;
  });
  video.webkitEnterFullscreen?.();
}

/**
 * Shows the page again where the bare video hides it: a phone's full screen, or a window of the picture while the page is in front.
 * Behind another tab the window stays.
 */
export function leaveVideoScreen(): void {
  const video = onScreen ?? document.querySelector<PhoneVideo>('video');
  if (onScreen !== null || video?.webkitDisplayingFullscreen === true) video?.webkitExitFullscreen?.();
  onScreen = null;
  const isInWindow = (document.pictureInPictureElement ?? null) !== null;
  if (isInWindow && document.visibilityState === 'visible') {
    void document.exitPictureInPicture().catch(() => {});
  }
}

/** Whether the browser has picture in picture. */
export function isPipPossible(video: HTMLVideoElement): boolean {
  return document.pictureInPictureEnabled === true && !video.disablePictureInPicture;
}

/** Enters or leaves picture in picture. */
export function togglePip(video: HTMLVideoElement): void {
  askForNotifications();
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

/** Beside a window of the picture alone, questions come as notifications: this is the moment to ask for them. */
function askForNotifications(): void {
  if (typeof Notification !== 'function' || Notification.permission !== 'default') return;
  void Promise.resolve(Notification.requestPermission()).catch(() => {});
}
