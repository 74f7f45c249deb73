import { bearerToken, isForChannel, TokenError, verifyToken } from '../../shared/token.ts';
import { hasTeacherRights, type Identity, identityOf } from '../gateway/peer.ts';

/**
 * Tells who holds a token.
 *
 * @throws {TokenError} `bad-token`, `expired-token` (401), `forbidden` (403) for another channel or a role that takes no part
 */
export function identify(secret: string, channel: string, token: string, nowMs: number): Identity {
  const claims = verifyToken(secret, token, nowMs);
  const identity = identityOf(claims);
  if (identity === null || !isForChannel(claims, channel)) {
    throw new TokenError(
      `a token for ${claims.role} of ${JSON.stringify(claims.channel)} does not open the roll call of ${channel}`,
      { code: 'forbidden', status: 403 },
    );
  }
  return identity;
}

/**
 * Tells who holds the token of a request, and checks that she may do this.
 *
 * @param authorization `Bearer …`
 * @param wants `teacher` for roles teacher and operator, `student` for students alone, `any` for all of them
 * @throws {TokenError} as {@link identify}, and `no-token` (401)
 */
export function identifyRequest(
  secret: string,
  channel: string,
  authorization: string | undefined,
  wants: 'teacher' | 'student' | 'any',
  nowMs: number,
): Identity {
  const identity = identify(secret, channel, bearerToken(authorization), nowMs);
  if (wants !== 'any' && hasTeacherRights(identity.role) !== (wants === 'teacher')) {
    throw new TokenError(`a token of role ${identity.role} does not allow this`, {
      code: 'forbidden',
      status: 403,
    });
  }
  return identity;
}
