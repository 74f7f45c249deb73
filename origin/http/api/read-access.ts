import type { Request, Response } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { authorize, TOKEN_ROLES } from '../../../shared/token.ts';
import type { PlaybackAccess } from '../playback/playback-access.ts';

/** Decides who may read channels and broadcasts through the API: the same people as may play them. */
export class ReadAccess {
  readonly #playback: PlaybackAccess;
  readonly #clock: Clock;

  constructor(playback: PlaybackAccess, clock: Clock) {
    this.#playback = playback;
    this.#clock = clock;
  }

  /**
   * Checks that a request may read of a channel.
   *
   * @param authorization the request's own header when left out
   * @throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden` (403)
   */
  check(req: Pick<Request, 'headers'>, channel: string, authorization = req.headers.authorization): void {
    if (this.#playback.access === 'open') return;
    authorize(this.#playback.secret, authorization, channel, TOKEN_ROLES, this.#clock.nowMs());
  }

  /** Sets Cache-Control: shared caches may store what anybody may read; anything else is for the browser that requested it. */
  allow(res: Response, maxAgeS: number): void {
    const isOpen = this.#playback.access === 'open';
    if (!isOpen) res.vary('Authorization');
    res.set({
      'Cache-Control': `${isOpen ? 'public' : 'private'}, max-age=${maxAgeS}`,
      'Access-Control-Allow-Origin': '*',
    });
  }
}
