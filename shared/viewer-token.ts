import { mintToken, type TokenClaims, TokenError, type TokenRole } from './token.ts';

/** A viewer's token is valid for so long at most, in seconds: a school day, and less than most tokens of a teacher. */
const VIEWER_TOKEN_S = 6 * 3600;

/** Roles whose token may stand in an address: addresses end up in the logs of proxies, in histories and in chats. */
export const ADDRESS_ROLES: readonly TokenRole[] = ['viewer', 'student'];

/** Roles that may exchange their token for a viewer's. */
export const EXCHANGE_ROLES: readonly TokenRole[] = ['viewer', 'student', 'teacher', 'operator'];

/**
 * `sub` of a viewer's token; it names nobody. That of a teacher or operator also opens what was cut off a recording: it is none that
 * somebody has chosen for a user name, which a school's system puts into viewers' tokens of its own.
 */
const VIEWER_SUB = 'viewer';
const EDITOR_SUB = 'lectern:editor';

/**
 * Makes the token that goes into addresses in place of a person's own: it plays, and does nothing else. It has no name in it.
 *
 * @param claims of the person's own token
 * @param channel what it opens; one that `claims` are for
 * @param nowMs UTC milliseconds
 * @returns the token, and when it expires, in seconds since the epoch: never later than the person's own
 */
export async function mintViewerToken(
  secret: string,
  claims: TokenClaims,
  channel: string,
  nowMs: number,
): Promise<{ readonly token: string; readonly exp: number }> {
  const exp = Math.min(Math.floor(claims.exp), Math.floor(nowMs / 1000) + VIEWER_TOKEN_S);
  const sub = mayEdit(claims) ? EDITOR_SUB : VIEWER_SUB;
  return { token: await mintToken(secret, { sub, name: '', channel, role: 'viewer', exp }), exp };
}

/** Whether the holder may change broadcasts of the token's channel, or has a viewer's token of somebody who may. */
export function mayEdit({ role, sub }: Pick<TokenClaims, 'role' | 'sub'>): boolean {
  return role === 'teacher' || role === 'operator' || (role === 'viewer' && sub === EDITOR_SUB);
}

/**
 * Checks that a token may stand in an address.
 *
 * @returns the claims
 * @throws {TokenError} `token-in-address` (403) for a role above student: it would be in every log on the way
 */
export function requireAddressRole(claims: TokenClaims): TokenClaims {
  if (ADDRESS_ROLES.includes(claims.role)) return claims;
  throw new TokenError(
    `a token of role ${claims.role} must not stand in an address: send it in the Authorization header, or exchange it at POST /api/viewer-token`,
    { code: 'token-in-address', status: 403 },
  );
}
