import { randomBytes } from 'node:crypto';
import express, { Router } from 'express';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { mintToken, verifyToken } from '../../shared/token.ts';
import { Admission } from '../gateway/admission.ts';
import { checkText } from '../protocol/checked.ts';
import { LIMITS } from '../protocol/limits.ts';
import { busy, RollCallError } from '../roll-call-error.ts';
import { becomeGuest } from './class-routes.ts';
import { type AuthDeps, requireChannel, requireObject, requireValid, route } from './requests.ts';

/** What the API for guests needs. */
export type GuestsApiDeps = AuthDeps & {
  /** Whether guests are allowed. */
  readonly guests: boolean;
  /** Monotonic milliseconds. */
  readonly steadyMs: () => number;
};

const TOKEN_HOURS = 12;
const GUESTS_PER_SECOND = 500;

/** Makes the router that gives a guest a token for the name she enters: `POST /api/rollcall/{channel}/guests`. */
export function createGuestsApi(deps: GuestsApiDeps): Router {
  const { secret, nowMs, steadyMs } = deps;
  const router = Router();
  const admission = new Admission(GUESTS_PER_SECOND);
  mountRoute(
    router,
    becomeGuest,
    express.json({ limit: LIMITS.frameBytes, strict: true }),
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      requireChannel(deps, channel);
      if (!deps.guests) {
        throw new RollCallError(
          `channel ${channel}: guests are not allowed; a token of the school is required`,
          {
            ...{ code: 'no-guests', status: 403 },
          },
        );
      }
      const body = requireObject(req.body);
      const name = requireValid(checkText('name', body['name'], LIMITS.nameLength));
      const retryAfterS = admission.ask(steadyMs());
      if (retryAfterS !== null) throw busy(retryAfterS);
      const sub =
        guestId(secret, channel, body['token'], nowMs()) ?? `guest-${randomBytes(9).toString('hex')}`;
      const exp = Math.floor(nowMs() / 1000) + TOKEN_HOURS * 3600;
      const token = await mintToken(secret, { sub, name, channel, role: 'student', exp });
      res.set('Cache-Control', 'no-store').json({ token, sub, name, expiresMs: exp * 1000 });
    }),
  );
  return router;
}

/**
 * Reads the id from a guest's earlier token: a guest who returns or changes her name keeps it.
 *
 * @returns null without a valid guest token for this channel
 */
function guestId(secret: string, channel: string, token: unknown, nowMs: number): string | null {
  if (typeof token !== 'string') return null;
  try {
    const claims = verifyToken(secret, token, nowMs);
    const isGuest =
      claims.role === 'student' && claims.sub.startsWith('guest-') && claims.channel === channel;
    return isGuest ? claims.sub : null;
  } catch {
    return null;
  }
}
