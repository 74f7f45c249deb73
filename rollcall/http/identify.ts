import { bearerToken, isForChannel, TokenError, verifyToken } from '../../shared/token.ts';
import { hasTeacherRights, type Identity, identityOf } from '../gateway/identity.ts';

/** Which roles a request is for: `teacher` includes operators, `any` is every role of a roll call. */
export type WantedRole = 'teacher' | 'student' | 'any';

/**
 * Verifies a token and reads the identity from it.
 *
 * @throws {TokenError} `bad-token`, `expired-token` (401); `forbidden` (403) for another channel, or a role that has no part
 *   in roll calls
 */
export function identify(secret: string, channel: string, token: string, nowMs: number): Identity {
  const claims = verifyToken(secret, token, nowMs);
  const identity = identityOf(claims);
  if (identity !== null && isForChannel(claims, channel)) return identity;
  throw new TokenError(
    `a token of role ${claims.role} for channel ${JSON.stringify(claims.channel)} gives no access to the roll call of ${channel}`,
    { code: 'forbidden', status: 403 },
  );
}

/**
 * Verifies the token of a request, and that its role may make it.
 *
 * @param authorization `Bearer …`
 * @throws {TokenError} as {@link identify}, and `no-token` (401)
 */
export function identifyRequest(
  secret: string,
  channel: string,
  authorization: string | undefined,
  wanted: WantedRole,
  nowMs: number,
): Identity {
  const identity = identify(secret, channel, bearerToken(authorization), nowMs);
  if (wanted === 'any' || hasTeacherRights(identity.role) === (wanted === 'teacher')) return identity;
  throw new TokenError(`a token of role ${identity.role} does not allow this`, {
    ...{ code: 'forbidden', status: 403 },
  });
}
