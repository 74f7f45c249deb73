import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import express, { Router } from 'express';
import { addressGroup } from '../../shared/client-address.ts';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { KeyedBuckets } from '../../shared/token-bucket.ts';
import { mintToken, verifyToken } from '../../shared/token.ts';
import { AddressDoors } from '../gateway/address-doors.ts';
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
  /** The address of the client that sent a request; null where it is not known. */
  clientAddress(req: IncomingMessage): string | null;
  /** Whether several on a channel's class list have a name, and nothing beside it tells which of them is meant. */
  isShared(channel: string, name: string): boolean;
  /** {@link GUEST_LIMITS} when left out. */
  readonly limits?: GuestLimits;
};

/** How many guests are let in. */
export type GuestLimits = {
  /** All together, each second. */
  readonly perSecond: number;
  /** From one address, where a whole school may be; and on one channel: nobody closes the door to others. Each second. */
  readonly perAddress: number;
  readonly perChannel: number;
  /** New guests of one address in an hour. */
  readonly newPerAddress: number;
};

/** The default limits: two thousand new guests are a school, and a million are nobody. */
const GUEST_LIMITS: GuestLimits = {
  ...{ perSecond: 500, perAddress: 100, perChannel: 250, newPerAddress: 3000 },
};

const TOKEN_HOURS = 12;
const HOUR_S = 3600;

/** Makes the router that gives a guest a token for the name she enters: `POST /api/rollcall/{channel}/guests`. */
export function createGuestsApi(deps: GuestsApiDeps): Router {
  const { secret, nowMs, steadyMs, limits = GUEST_LIMITS } = deps;
  const { perSecond, perAddress, perChannel, newPerAddress } = limits;
  const router = Router();
  const admission = new Admission(perSecond);
  const [addresses, channels] = [new AddressDoors(perAddress), new Map<string, Admission>()];
  const newcomers = new KeyedBuckets({ capacity: newPerAddress, perSecond: newPerAddress / HOUR_S });
  /** @returns null when let in; else after how many seconds to come back */
  const askDoors = (channel: string, address: string | null): number | null => {
    const now = steadyMs();
    let ofChannel = channels.get(channel);
    if (ofChannel === undefined) channels.set(channel, (ofChannel = new Admission(perChannel)));
    const ownS = address === null ? null : addresses.ask(address, now);
    return ownS ?? ofChannel.ask(now) ?? admission.ask(now);
  };
  mountRoute(
    router,
    becomeGuest,
    express.json({ limit: LIMITS.frameBytes, strict: true }),
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      if (!deps.guests) {
        throw new RollCallError(
          `channel ${channel}: guests are not allowed; a token of the school is required`,
          {
            ...{ code: 'no-guests', status: 403 },
          },
        );
      }
      requireChannel(deps, channel);
      const body = requireObject(req.body);
      const name = requireValid(checkText('name', body['name'], LIMITS.nameLength));
      const address = deps.clientAddress(req);
      const retryAfterS = askDoors(channel, address);
      if (retryAfterS !== null) throw busy(retryAfterS);
      const known = guestId(secret, channel, body['token'], nowMs());
      const isCounted = known === null && address !== null;
      const waitMs = isCounted ? newcomers.take(addressGroup(address), steadyMs()) : 0;
      if (waitMs > 0) throw busy(Math.max(60, Math.ceil(waitMs / 1000)));
      const sub = known ?? `guest-${randomBytes(9).toString('hex')}`;
      const exp = Math.floor(nowMs() / 1000) + TOKEN_HOURS * 3600;
      const token = await mintToken(secret, { sub, name, channel, role: 'student', exp });
      const isShared = deps.isShared(channel, name);
      res.set('Cache-Control', 'no-store').json({ token, sub, name, expiresMs: exp * 1000, isShared });
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
