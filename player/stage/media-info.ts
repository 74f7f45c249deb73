/** What the system shows of a class on lock screens and in media controls. */
export type MediaInfo = {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  /** Address of a picture; null without. */
  readonly poster: string | null;
};

/** Shows a class in the system's media controls, where the browser has them. */
export function showMediaInfo({ title, artist, album, poster }: MediaInfo): void {
  if (!('mediaSession' in navigator)) return;
  const artwork = poster === null ? [] : [{ src: poster }];
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist, album, artwork });
}
