import type { ChannelConfig } from './schema.ts';

/** A publish key with fewer characters can be guessed. */
export const SAFE_KEY_CHARACTERS = 12;

/** Ids of the channels whose publish key can be guessed. */
export function channelsWithShortKeys(
  channels: readonly Pick<ChannelConfig, 'id' | 'publishKey'>[],
): string[] {
  return channels.filter(({ publishKey }) => publishKey.length < SAFE_KEY_CHARACTERS).map(({ id }) => id);
}
