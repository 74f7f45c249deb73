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

/** Names of the keys of a call's answers, in the order in which scripts take them. */
export const ANSWER_KEYS = ['answers', 'ids', 'counts', 'entries', 'order', 'earlier', 'changing'] as const;

/** A pattern of SCAN for one kind of key of all calls; no name has a character that is special in it. */
export function callKeyPattern(name: string): string {
  return callKey('*', name);
}

/** A pattern of SCAN for keys of a channel, or of all channels by `*`. */
export function channelKeyPattern(channel: string, name: string): string {
  return channelKey(channel, name);
}

/** The call of a key that {@link callKey} has made. */
export function callIdOf(key: string): string {
  return /\{call-([^}]*)\}/.exec(key)?.[1] ?? '';
}

/** The channel of a key that {@link channelKey} has made. */
export function channelOf(key: string): string {
  return /\{([^}]*)\}/.exec(key)?.[1] ?? '';
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
