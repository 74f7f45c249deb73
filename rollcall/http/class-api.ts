import express, { Router } from 'express';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { readInput } from '../../shared/openapi/read-input.ts';
import type { AnswerIntake, AnswerReply } from '../gateway/answer-intake.ts';
import type { CallCommands } from '../gateway/call-commands.ts';
import type { Identity } from '../gateway/identity.ts';
import type { Room } from '../gateway/room.ts';
import type { Rooms } from '../gateway/rooms.ts';
import type { WatchedVerdict } from '../gateway/watched-claims.ts';
import type { StoredCall } from '../ledger/ledger.ts';
import type { CurrentBroadcast } from '../lesson/current-broadcast.ts';
import { callsOfThisLesson } from '../lesson/lesson.ts';
import { checkClaim } from '../protocol/answer.ts';
import { callPhase, checkQuestion, checkWindow } from '../protocol/call.ts';
import { checkMinute } from '../protocol/client-frame-reader.ts';
import { type AckFrame, callFrame } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import { refusedMinute, RollCallError, unknownCall } from '../roll-call-error.ts';
import {
  answerCall,
  changeCall,
  followRollCall,
  getCall,
  getRollCall,
  openCall,
  tellWatched,
} from './class-routes.ts';
import type { EventStreams } from './event-streams.ts';
import { type AuthDeps, badInput, requireIdentity, requireObject, requireValid, route } from './requests.ts';

/** What the API during a class needs. */
export type ClassApiDeps = AuthDeps & {
  readonly rooms: Rooms;
  readonly intake: AnswerIntake;
  readonly commands: CallCommands;
  readonly streams: EventStreams;
  readonly current: Pick<CurrentBroadcast, 'of'>;
  /** Records that a student watched a minute, unless its verdict is another one. */
  onWatched(channel: string, identity: Identity, minute: number): WatchedVerdict;
};

/** HTTP status of each code with which an answer is refused; 503 for all others. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  'bad-answer': 400,
  'bad-claim': 400,
  'too-early': 409,
  'call-over': 409,
  'answer-id-taken': 409,
  'too-many-changes': 409,
  'unknown-call': 404,
};
/** Most calls of a channel that are listed. */
const CALLS_MAX = 200;

/** Makes the part of `/api/rollcall` that students and teachers use during a class. */
export function createClassApi(deps: ClassApiDeps): Router {
  const { rooms, intake, commands, streams, current, nowMs, onWatched } = deps;
  const router = Router();
  const body = express.json({ limit: LIMITS.frameBytes, strict: true });

  mountRoute(router, followRollCall, (req, res) => {
    const { waitS } = readInput(followRollCall.query, req.query, 'query');
    streams.open(req.params.channel, requireIdentity(deps, req, 'any'), res, waitS ?? null);
  });

  mountRoute(
    router,
    answerCall,
    body,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      const identity = requireIdentity(deps, req, 'student');
      const claim = requireValid(checkClaim({ ...requireObject(req.body), callId }));
      const context = await rooms.answerContext(channel, callId);
      const reply = await new Promise<AnswerReply>((resolve) => {
        intake.take(channel, context, identity, claim, resolve);
      });
      res.set('Cache-Control', 'no-store').json(requireAck(reply));
    }),
  );

  mountRoute(router, tellWatched, body, (req, res) => {
    const identity = requireIdentity(deps, req, 'student');
    const minute = requireValid(checkMinute(requireObject(req.body)['minute']));
    const verdict = onWatched(req.params.channel, identity, minute);
    if (verdict.kind !== 'counts') throw refusedMinute(verdict);
    res.status(204).end();
  });

  mountRoute(
    router,
    openCall,
    body,
    route<{ channel: string }>(async (req, res) => {
      const { sub } = requireIdentity(deps, req, 'teacher');
      const question = requireValid(checkQuestion(req.body));
      const call = await commands.open(req.params.channel, sub, question);
      res.status(201).set('Cache-Control', 'no-store').json(callView(call, nowMs()));
    }),
  );

  mountRoute(
    router,
    changeCall,
    body,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      requireIdentity(deps, req, 'teacher');
      const change = requireCallChange(req.body);
      const call =
        change === 'close'
          ? await commands.close(channel, callId)
          : await commands.extend(channel, callId, change.windowMs);
      res.set('Cache-Control', 'no-store').json(callView(call, nowMs()));
    }),
  );

  mountRoute(
    router,
    getRollCall,
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      requireIdentity(deps, req, 'teacher');
      const [room, onAir] = await Promise.all([rooms.refreshed(channel), current.of(channel)]);
      const ofThisLesson = callsOfThisLesson(room.calls, onAir, nowMs());
      const calls = [];
      for (const call of room.calls.slice(-CALLS_MAX).toReversed()) {
        const view = await withTally(room, call);
        calls.push({ ...view, thisLesson: ofThisLesson.has(call.callId) });
      }
      const { connected } = room;
      const roster = { size: room.roster.entries.length };
      const lesson = { broadcast: onAir?.id ?? null, startMs: onAir?.startMs ?? null };
      res.set('Cache-Control', 'no-store').json({ serverTimeMs: nowMs(), connected, roster, lesson, calls });
    }),
  );

  mountRoute(
    router,
    getCall,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const { channel, callId } = req.params;
      const { role } = requireIdentity(deps, req, 'any');
      const room = await rooms.refreshed(channel);
      const { call } = room.answerContext(callId);
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

/** A call as the API represents it. */
function callView(call: StoredCall, nowMs: number) {
  const { type: _type, ...frame } = callFrame(call);
  return { ...frame, phase: callPhase(call, nowMs), broadcast: call.broadcast?.id ?? null };
}

function requireAck(reply: AnswerReply): AckFrame {
  if (reply.type === 'ack') return reply;
  const { code, reason, retryAfterMs } = reply;
  const retry = retryAfterMs === undefined ? {} : { retryAfterS: Math.ceil(retryAfterMs / 1000) };
  throw new RollCallError(reason, { code, status: STATUS_BY_CODE[code] ?? 503, ...retry });
}

function requireCallChange(body: unknown): 'close' | { readonly windowMs: number } {
  const { close, windowMs, ...rest } = requireObject(body);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badInput(`call: no member ${JSON.stringify(unknown.slice(0, 40))}`);
  if ((close === true) === (windowMs !== undefined)) throw badInput('call: want close: true, or windowMs');
  return close === true ? 'close' : { windowMs: requireValid(checkWindow(windowMs)) };
}
