import type { IncomingMessage } from 'node:http';
import express, { type Response, type Router } from 'express';
import type { LecternConfig } from '../../../config/schema.ts';
import type { Clock } from '../../../shared/clock.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { readInput } from '../../../shared/openapi/read-input.ts';
import { bearerToken, isForChannel, TokenError, verifyToken } from '../../../shared/token.ts';
import { EXCHANGE_ROLES, mayEdit, mintViewerToken } from '../../../shared/viewer-token.ts';
import { ACCESS_COOKIE } from '../playback/playback-access.ts';
import { exchangeToken, forgetToken } from './viewer-token-routes.ts';

/** What the exchange of tokens needs. */
export type ViewerTokenApiDeps = {
  readonly config: Pick<LecternConfig, 'access' | 'secret' | 'http'>;
  readonly clock: Clock;
  /** Whether a request came by TLS, to this process or to a proxy that is trusted. */
  isSecure(req: IncomingMessage): boolean;
};

const BODY_BYTES = '1kb';

/** Makes the API that exchanges a person's token for a viewer's: what stands in addresses names nobody and changes nothing. */
export function createViewerTokenApi({ config, clock, isSecure }: ViewerTokenApiDeps): Router {
  const { access, secret, http } = config;
  const router = express.Router();

  const setCookie = (req: IncomingMessage, res: Response, value: string, maxAgeS: number): void => {
    const isFramed = http.frameAncestors.length > 0 && isSecure(req);
    const parts = [
      `${ACCESS_COOKIE}=${value}`,
      `Path=${http.basePath}/`,
      `Max-Age=${maxAgeS}`,
      'HttpOnly',
      ...(http.cookieDomain === undefined ? [] : [`Domain=${http.cookieDomain}`]),
      ...(isSecure(req) ? ['Secure'] : []),
      // In a portal's frame a browser sends no other cookie (draft-ietf-httpbis-rfc6265bis §5.2, and CHIPS).
      ...(isFramed ? ['SameSite=None', 'Partitioned'] : ['SameSite=Lax']),
    ];
    res.append('Set-Cookie', parts.join('; '));
  };

  mountRoute(router, exchangeToken, express.json({ limit: BODY_BYTES }), (req, res, fail) => {
    const nowMs = clock.nowMs();
    const claims = verifyToken(secret, bearerToken(req.headers.authorization), nowMs);
    const wanted = readInput(exchangeToken.body.schema, req.body ?? {}, 'body');
    const channel = wanted.channel ?? claims.channel;
    if (
      !EXCHANGE_ROLES.includes(claims.role) ||
      (channel !== claims.channel && !isForChannel(claims, channel))
    ) {
      throw new TokenError(
        `a token for ${claims.role} of ${JSON.stringify(claims.channel)} gives no viewer's token for ${channel}`,
        { code: 'forbidden', status: 403 },
      );
    }
    res.set('Cache-Control', 'no-store');
    const isEditor = mayEdit(claims);
    if (access === 'open' && !isEditor) {
      res.json({ access, token: null, mayEdit: false, channel, expiresMs: null });
      return;
    }
    mintViewerToken(secret, claims, channel, nowMs)
      .then(({ token, exp }) => {
        if (wanted.cookie === true) setCookie(req, res, token, Math.max(0, Math.floor(exp - nowMs / 1000)));
        res.json({ access, token, mayEdit: isEditor, channel, expiresMs: exp * 1000 });
      })
      .catch(fail);
  });

  mountRoute(router, forgetToken, (req, res) => {
    setCookie(req, res, '', 0);
    res.set('Cache-Control', 'no-store').status(204).end();
  });

  return router;
}
