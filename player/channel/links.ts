import { withBase, withoutBase } from '../net/base-path.ts';

const REPLAY = /^\/watch\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/?$/;
const TEACH = /^\/teach\/([a-z0-9-]{1,64})\/?$/;
const WATCH = /^\/watch\/([a-z0-9-]{1,64})\/?$/;

/**
 * Reads the channel from the address of a watch page.
 *
 * @param path location.pathname
 * @returns the channel's id, or null where the address names none
 */
export function channelOfPath(path: string): string | null {
  return WATCH.exec(withoutBase(path))?.[1] ?? null;
}

/**
 * Reads the channel from the address of a teacher's page.
 *
 * @param path location.pathname
 * @returns the channel's id, or null where the address names none
 */
export function channelOfTeachPath(path: string): string | null {
  return TEACH.exec(withoutBase(path))?.[1] ?? null;
}

/**
 * Reads channel and broadcast from the address of a replay page.
 *
 * @param path location.pathname
 * @returns their ids, or null where the address does not name both
 */
export function broadcastOfPath(path: string): { readonly channel: string; readonly id: string } | null {
  const [, channel, id] = REPLAY.exec(withoutBase(path)) ?? [];
  return channel === undefined || id === undefined ? null : { channel, id };
}

/**
 * Address of a channel's multivariant playlist. The token is a prefix of the path, so that an edge can check it
 * and leave it out of the cache key; relative addresses in playlists keep it.
 */
export function streamUrl(channel: string, token: string | null): string {
  return mediaUrl(`/live/${channel}/index.m3u8`, token);
}

/**
 * Address of a channel's start-over playlist.
 *
 * @param startMs UTC milliseconds
 */
export function startOverUrl(channel: string, startMs: number, token: string | null): string {
  return mediaUrl(`/live/${channel}/index.m3u8?start=${Math.floor(startMs)}`, token);
}

/** Address of media, with the viewer's token as a prefix. */
export function mediaUrl(path: string, token: string | null): string {
  return withBase(`${token === null ? '' : `/t/${token}`}${path}`);
}

/** Address of a picture or a download of the API: a link has no headers, so the token is in the query. */
export function fileUrl(path: string, token: string | null): string {
  return withBase(token === null ? path : `${path}?token=${token}`);
}

/**
 * Address of a channel's page.
 *
 * @param token what may stand in a link (`link` of the rights); null for nothing
 */
export function watchUrl(channel: string, token: string | null): string {
  return withBase(`/watch/${channel}${fragment(token)}`);
}

/** Address of a broadcast's page. */
export function replayUrl(channel: string, id: string, token: string | null): string {
  return withBase(`/watch/${channel}/${id}${fragment(token)}`);
}

/** Address of a channel's page that plays the class on air from its beginning. */
export function beginningUrl(channel: string, token: string | null): string {
  return withBase(`/watch/${channel}?from=beginning${fragment(token)}`);
}

/** Tells whether the address of a channel's page asks for the class from its beginning. */
export function isFromBeginning(search: string): boolean {
  return new URLSearchParams(search).get('from') === 'beginning';
}

/**
 * Address of the library.
 *
 * @param channel id of the one channel to show; null for all
 */
export function libraryUrl(channel: string | null, token: string | null): string {
  return withBase(`/library${channel === null ? '' : `?channel=${channel}`}${fragment(token)}`);
}

/** Address of the lobby, with the token in the fragment. */
export function lobbyUrl(token: string | null): string {
  return withBase(`/${fragment(token)}`);
}

function fragment(token: string | null): string {
  return token === null ? '' : `#token=${token}`;
}
