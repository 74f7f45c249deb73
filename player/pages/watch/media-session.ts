import type { ChannelInfo } from '../../channel/channel-info.ts';

/** Shows the class in the system's media controls and on lock screens. */
export function describeToSystem(channel: ChannelInfo | null, appName: string): void {
  if (channel === null || !('mediaSession' in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: channel.title,
    artist: channel.teacher ?? '',
    album: appName,
  });
}
