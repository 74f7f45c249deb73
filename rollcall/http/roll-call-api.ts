import { randomBytes } from 'node:crypto';
import express, { type Request, Router } from 'express';
import { mintToken, verifyToken } from '../../shared/token.ts';
import { Admission } from '../gateway/admission.ts';
import type { AnswerIntake } from '../gateway/answer-intake.ts';
import type { Rooms } from '../gateway/rooms.ts';
import { type CallCommands, unknownCall } from '../gateway/call-commands.ts';
import type { Identity } from '../gateway/peer.ts';
import type { Room } from '../gateway/room.ts';
import type { StoredCall } from '../ledger/ledger.ts';
import { checkClaim } from '../protocol/answer.ts';
import { callPhase, checkQuestion, checkWindow } from '../protocol/call.ts';
import { checkText } from '../protocol/checked.ts';
import { LIMITS } from '../protocol/limits.ts';
import { checkMinute } from '../protocol/client-frame-reader.ts';
import { type AckFrame, callFrame, type RefusedFrame } from '../protocol/frames.ts';
import { busy, RollCallError } from '../roll-call-error.ts';
import type { EventStreams } from './event-streams.ts';
import { type AuthDeps, badInput, checkChannel, must, recordOf, route, requireIdentity } from './requests.ts';

/** What the API needs. */
export type RollCallApiDeps = AuthDeps & {
  readonly hall: Rooms;
  readonly desk: AnswerIntake;
  readonly orders: CallCommands;
  readonly streams: EventStreams;
  /** A clock that nobody sets, milliseconds. */
  readonly steadyMs: () => number;
  /** Whoever gives a name gets a token. */
  readonly guests: boolean;
  /** A minute that a student says she watched; false when it cannot be. */
  onWatched(channel: string, identity: Identity, minute: number): boolean;
};

/** HTTP status of what an answer may be refused with. */
const STATUS: Readonly<Record<string, number>> = {
  'bad-answer': 400,
  'bad-claim': 400,
  'too-early': 409,
  'call-over': 409,
  'answer-id-taken': 409,
  'unknown-call': 404,
};
const CALLS_SHOWN = 200;
const GUEST_HOURS = 12;
const GUESTS_PER_SECOND = 500;

/** Makes the part of `/api/rollcall` that students and teachers use during a class. */
export function createRollCallApi(deps: RollCallApiDeps): Router {
  const { hall, desk, orders, streams, secret, nowMs, steadyMs } = deps;
  const router = Router();
  const body = express.json({ limit: LIMITS.frameBytes, strict: true });
  const guestDoor = new Admission(GUESTS_PER_SECOND);

  const who = (req: Request<{ channel: string }>, wants: 'teacher' | 'student' | 'any'): Identity =>
    requireIdentity(deps, req, wants);

  router.post(
    '/api/rollcall/:channel/guests',
    body,
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      checkChannel(deps, channel);
      if (!deps.guests) {
        throw new RollCallError(`channel ${channel}: a token of the school is asked for`, {
          ...{ code: 'no-guests', status: 403 },
        });
      }
      const given = recordOf(req.body);
      const name = must(checkText('name', given['name'], LIMITS.nameLength));
      const waitS = guestDoor.ask(steadyMs());
      if (waitS !== null) throw busy(waitS);
      const sub =
        guestId(secret, channel, given['token'], nowMs()) ?? `guest-${randomBytes(9).toString('hex')}`;
      const exp = Math.floor(nowMs() / 1000) + GUEST_HOURS * 3600;
      const token = await mintToken(secret, { sub, name, channel, role: 'student', exp });
      res.set('Cache-Control', 'no-store').json({ token, sub, name, expiresMs: exp * 1000 });
    }),
  );

  router.get('/api/rollcall/:channel/events', (req, res) => {
    streams.open(req.params.channel, who(req, 'any'), res);
  });

  router.post(
    '/api/rollcall/:channel/calls/:callId/answers',
    body,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      const identity = who(req, 'student');
      const claim = must(checkClaim({ ...recordOf(req.body), callId }));
      const question = await hall.question(channel, callId);
      const reply = await new Promise<AckFrame | RefusedFrame>((done) => {
        desk.take(channel, question, identity, claim, done);
      });
      if (reply.type === 'refused') {
        const { code, reason, retryAfterMs } = reply;
        const later = retryAfterMs === undefined ? {} : { retryAfterS: Math.ceil(retryAfterMs / 1000) };
        throw new RollCallError(reason, { code, status: STATUS[code] ?? 503, ...later });
      }
      res.set('Cache-Control', 'no-store').json(reply);
    }),
  );

  router.post('/api/rollcall/:channel/watched', body, (req: Request<{ channel: string }>, res) => {
    const identity = who(req, 'student');
    const minute = must(checkMinute(recordOf(req.body)['minute']));
    if (!deps.onWatched(req.params.channel, identity, minute)) {
      throw new RollCallError('minute: want one of the last day', { code: 'bad-claim', status: 400 });
    }
    res.status(204).end();
  });

  router.post(
    '/api/rollcall/:channel/calls',
    body,
    route<{ channel: string }>(async (req, res) => {
      const { sub } = who(req, 'teacher');
      const question = must(checkQuestion(req.body));
      const call = await orders.open(req.params.channel, sub, question);
      res.status(201).set('Cache-Control', 'no-store').json(callView(call, nowMs()));
    }),
  );

  router.patch(
    '/api/rollcall/:channel/calls/:callId',
    body,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      who(req, 'teacher');
      const { close, windowMs, ...rest } = recordOf(req.body);
      const [unknown] = Object.keys(rest);
      if (unknown !== undefined) throw badInput(`call: no member ${JSON.stringify(unknown.slice(0, 40))}`);
      if ((close === true) === (windowMs !== undefined))
        throw badInput('call: want close: true, or windowMs');
      const call =
        close === true
          ? await orders.close(channel, callId)
          : await orders.extend(channel, callId, must(checkWindow(windowMs)));
      res.set('Cache-Control', 'no-store').json(callView(call, nowMs()));
    }),
  );

  router.get(
    '/api/rollcall/:channel',
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      who(req, 'teacher');
      const room = await hall.fresh(channel);
      const calls = [];
      for (const call of room.calls.slice(-CALLS_SHOWN).toReversed()) calls.push(await withTally(room, call));
      const { connected } = room;
      const roster = { size: room.roster.entries.length };
      res.set('Cache-Control', 'no-store').json({ serverTimeMs: nowMs(), connected, roster, calls });
    }),
  );

  router.get(
    '/api/rollcall/:channel/calls/:callId',
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      const { role } = who(req, 'any');
      const room = await hall.fresh(channel);
      const { call } = room.question(callId);
      if (call === null) throw unknownCall(channel, callId);
      res.set('Cache-Control', 'no-store');
      if (role === 'student') res.json(callView(call, nowMs()));
      else res.json(await withTally(room, call));
    }),
  );

  const withTally = async (room: Room, call: StoredCall) => {
    return { ...callView(call, nowMs()), tally: await room.tally(call.callId) };
  };

  return router;
}

/** A call as the API tells it. */
function callView(call: StoredCall, nowMs: number) {
  const { type: _type, ...frame } = callFrame(call);
  return { ...frame, phase: callPhase(call, nowMs), broadcast: call.broadcast?.id ?? null };
}

/** A guest who comes again, or changes her name, stays who she was. */
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
