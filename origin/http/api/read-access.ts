import type { Request, Response } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { authorize, TOKEN_ROLES } from '../../../shared/token.ts';
import type { PlaybackAccess } from '../playback/playback-access.ts';

/** Who may read what the API says of channels and broadcasts: anybody, or who has a token, as with playback. */
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

  /** Caches that many share may keep an answer where anybody may see it; else the browser of who was let in, and no other. */
  allow(res: Response, maxAgeS: number): void {
    const isOpen = this.#playback.access === 'open';
    if (!isOpen) res.vary('Authorization');
    res.set({
      'Cache-Control': `${isOpen ? 'public' : 'private'}, max-age=${maxAgeS}`,
      'Access-Control-Allow-Origin': '*',
    });
  }
}
