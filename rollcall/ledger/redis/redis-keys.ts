/** First part of all keys and channel names. Stored data depends on it. */
const PREFIX = 'lectern:roll';

/** Shards of the hint channels; every gateway listens to all of them. */
const HINT_CHANNELS = 16;

/** A key of a channel. In a cluster all keys of one channel are in one slot. */
export function channelKey(channel: string, name: string): string {
  return `${PREFIX}:{${channel}}:${name}`;
}

/** A key of a call. In a cluster all keys of one call are in one slot. */
export function callKey(callId: string, name: string): string {
  return `${PREFIX}:{call-${callId}}:${name}`;
}

/** Names of all publish-and-subscribe channels for hints. */
export const HINT_CHANNEL_NAMES: readonly string[] = Array.from(
  { length: HINT_CHANNELS },
  (_, i) => `${PREFIX}:hint:${i}`,
);

/** The publish-and-subscribe channel for hints about a channel. */
export function hintChannelOf(channel: string): string {
  const sum = Buffer.from(channel).reduce((total, byte) => total + byte, 0);
  return `${PREFIX}:hint:${sum % HINT_CHANNELS}`;
}
