const WATCH = /^\/watch\/([a-z0-9-]{1,64})\/?$/;
/** A compact JWS (RFC 7515 §7.1); nothing else may get into a path. */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Reads the channel from the address of a watch page.
 *
 * @param path location.pathname
 * @returns the channel's id, or null where the address names none
 */
export function channelOfPath(path: string): string | null {
  return WATCH.exec(path)?.[1] ?? null;
}

/**
 * Reads the viewer's token from the fragment, which browsers send to nobody: `#token=…`.
 *
 * @param hash location.hash
 * @returns the token, or null without one or with one that is none
 */
export function tokenOfHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token !== null && token.length <= 4096 && TOKEN.test(token) ? token : null;
}

/**
 * Address of a channel's multivariant playlist. A token stands in front as a path of its own, so that an edge can check it
 * and leave it out of the cache key; relative addresses in playlists keep it.
 */
export function streamUrl(channel: string, token: string | null): string {
  return `${token === null ? '' : `/t/${token}`}/live/${channel}/index.m3u8`;
}

/** Address of a channel's page; the token goes along in the fragment. */
export function watchUrl(channel: string, token: string | null): string {
  return `/watch/${channel}${fragment(token)}`;
}

/** Address of the lobby; the token goes along in the fragment. */
export function lobbyUrl(token: string | null): string {
  return `/${fragment(token)}`;
}

function fragment(token: string | null): string {
  return token === null ? '' : `#token=${token}`;
}
