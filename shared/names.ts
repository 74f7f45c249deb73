import { AppError } from './errors.ts';

/** A name from a client that does not match its grammar. */
export class NameError extends AppError {}

const CHANNEL = /^[a-z0-9-]{1,64}$/;
const TRACK = /^[a-z0-9-]{1,32}$/;
const FEED = /^([a-z]{1,16})(?:\.([a-z0-9-]{1,64}))?(?:\.([a-z0-9]{1,8}))?$/;

/**
 * A feed's name: `kind`, `kind.broadcast` or `kind.broadcast.twin`.
 *
 * The kind gives the priority (configuration `feeds`), the broadcast tells which feeds are twins of each other.
 */
export type FeedName = {
  /** The whole name, as in the URL. */
  readonly id: string;
  readonly kind: string;
  /** '' when a hardware encoder gives none. */
  readonly broadcast: string;
  /** '' for the only feed of a broadcast. */
  readonly twin: string;
};

/** Tells whether a text is a channel id: 1 to 64 of a-z, 0-9 and '-'. */
export function isChannelId(text: string): boolean {
  return CHANNEL.test(text);
}

/** Tells whether a text is a track or rendition id, such as `720p` or `audio`: 1 to 32 of a-z, 0-9 and '-'. */
export function isTrackId(text: string): boolean {
  return TRACK.test(text);
}

/**
 * Reads a feed's name.
 *
 * @throws {NameError} `bad-feed-name` (400)
 */
export function parseFeedName(text: string): FeedName {
  const match = FEED.exec(text);
  if (match === null) {
    throw new NameError(`feed ${JSON.stringify(text.slice(0, 80))}: want kind[.broadcast[.twin]]`, {
      code: 'bad-feed-name',
      status: 400,
    });
  }
  return { id: text, kind: match[1] ?? '', broadcast: match[2] ?? '', twin: match[3] ?? '' };
}

/** Writes a feed's name; the inverse of {@link parseFeedName}. */
export function formatFeedName(kind: string, broadcast: string, twin = ''): string {
  return parseFeedName([kind, broadcast, twin].filter((part) => part !== '').join('.')).id;
}
