import { isForChannel, type TokenClaims, TokenError, verifyToken } from '../../../shared/token.ts';

/** Who may play a channel. */
export type PlaybackAccess = {
  /** `token`: every playlist and media request needs one; `open`: none does. */
  readonly access: 'open' | 'token';
  readonly secret: string;
};

/** The cookie that an edge checks and leaves out of its cache key. */
export const ACCESS_COOKIE = 'lectern-token';

const PREFIX = /^\/t\/([A-Za-z0-9._-]{1,4096})(\/.*)$/;

/**
 * Splits the token off the front of a path: `/t/{token}/live/…` becomes `/live/…`. Playlists are relative, so a player keeps
 * the prefix, while the cached objects are the same for everybody.
 */
export function splitAccessPrefix(path: string): { readonly path: string; readonly token: string | null } {
  if (!path.startsWith('/t/')) return { path, token: null };
  const match = PREFIX.exec(path);
  return match === null ? { path, token: null } : { path: match[2] ?? '/', token: match[1] ?? null };
}

/**
 * Checks that a request may watch a channel.
 *
 * @param token from the path's prefix; the cookie is used where there is none
 * @param cookie reads the Cookie header; called only where there is no other token
 * @returns the claims; null where no token is needed
 * @throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden` (403)
 */
export function checkPlayback(
  { access, secret }: PlaybackAccess,
  channel: string,
  token: string | null,
  cookie: () => string | undefined,
  nowMs: number,
): TokenClaims | null {
  if (access === 'open') return null;
  const found = token ?? cookieToken(cookie());
  if (found === null) {
    throw new TokenError(
      `channel ${channel}: want a token in the path (/t/{token}/…) or the cookie ${ACCESS_COOKIE}`,
      {
        code: 'no-token',
        status: 401,
      },
    );
  }
  const claims = verifyToken(secret, found, nowMs);
  if (!isForChannel(claims, channel)) {
    throw new TokenError(`a token for channel ${JSON.stringify(claims.channel)} does not open ${channel}`, {
      code: 'forbidden',
      status: 403,
    });
  }
  return claims;
}

function cookieToken(cookie: string | undefined): string | null {
  for (const pair of cookie?.split(';') ?? []) {
    const [name, value] = pair.split('=', 2);
    if (name?.trim() === ACCESS_COOKIE && value !== undefined) return value.trim();
  }
  return null;
}
