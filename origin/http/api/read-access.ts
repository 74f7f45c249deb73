import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { answerIsPrivate } from '../../../shared/http-errors.ts';
import {
  authorize,
  bearerToken,
  isForChannel,
  type TokenClaims,
  TokenError,
  TOKEN_ROLES,
  verifyToken,
} from '../../../shared/token.ts';
import { mayEdit } from '../../../shared/viewer-token.ts';
import { type PlaybackAccess, readerClaims, refuseInAddress } from '../playback/playback-access.ts';

/** Decides who may read channels and broadcasts through the API: the same people as may play them. */
export class ReadAccess {
  readonly #playback: PlaybackAccess;
  readonly #clock: Clock;

  constructor(playback: PlaybackAccess, clock: Clock) {
    this.#playback = playback;
    this.#clock = clock;
  }

  /**
   * Checks that a request may read of a channel, by its Authorization header.
   *
   * @param channel null for any one: the answer is what the token's own channel allows
   * @returns the claims; null where no token is needed
   * @throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden` (403)
   */
  check(req: IncomingMessage, res: ServerResponse, channel: string | null): TokenClaims | null {
    const { access, secret } = this.#playback;
    if (access === 'open') return null;
    answerIsPrivate(res);
    const nowMs = this.#clock.nowMs();
    const { authorization } = req.headers;
    if (channel !== null) return authorize(secret, authorization, channel, TOKEN_ROLES, nowMs);
    return verifyToken(secret, bearerToken(authorization), nowMs);
  }

  /**
   * The same for pictures and downloads, which a browser requests without a header: a viewer's token may also be in the query, and
   * the cookie counts.
   *
   * @param token of the query
   * @throws {TokenError} also `token-in-address` (403)
   */
  checkByAddress(
    req: IncomingMessage,
    res: ServerResponse,
    channel: string,
    token: string | undefined,
  ): TokenClaims | null {
    const nowMs = this.#clock.nowMs();
    if (this.#playback.access === 'open') {
      refuseInAddress(this.#playback, token ?? null, nowMs);
      return null;
    }
    answerIsPrivate(res);
    return readerClaims(this.#playback, channel, token ?? null, req, nowMs);
  }

  /**
   * Of which channels the sender of a request gets what was cut off too, by its Authorization header: those that she may edit. The
   * roll call reads whole broadcasts as well: an attendance is not cut.
   */
  wholeFor({ headers }: IncomingMessage): (channel: string) => boolean {
    const { secret } = this.#playback;
    try {
      const claims = verifyToken(secret, bearerToken(headers.authorization), this.#clock.nowMs());
      const isAllowed = mayEdit(claims) || claims.role === 'worker';
      return (channel) => isAllowed && isForChannel(claims, channel);
    } catch (error) {
      if (error instanceof TokenError) return () => false;
      throw error;
    }
  }

  /**
   * Sets Cache-Control: shared caches may store what anybody may read; anything else is for the browser that requested it.
   *
   * @param isWhole whether it has what was cut off
   */
  allow(res: Response, maxAgeS: number, isWhole = false): void {
    const isOpen = this.#playback.access === 'open' && !isWhole;
    res.vary('Authorization');
    if (!isOpen) res.vary('Cookie');
    res.set({
      'Cache-Control': `${isOpen ? 'public' : 'private'}, max-age=${maxAgeS}`,
      'Access-Control-Allow-Origin': '*',
    });
  }
}
