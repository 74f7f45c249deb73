import type { ChannelInfo } from '../../channel/channel-info.ts';

/** Tells the system what is playing: lock screens, headsets and media keys show and control it. */
export function describeToSystem(channel: ChannelInfo | null, appName: string): void {
  if (channel === null || !('mediaSession' in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: channel.title,
    artist: channel.teacher ?? '',
    album: appName,
  });
}
