import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { LRUCache } from 'lru-cache';
import type { StoredCall, Ledger } from '../ledger/ledger.ts';
import { attendanceCsv, answersCsv } from '../lesson/attendance-csv.ts';
import { attendanceJson } from '../lesson/attendance-json.ts';
import type { LessonAttendance } from '../lesson/attendance.ts';
import { type CallStudent, studentsOfCall } from '../lesson/call-students.ts';
import type { Lessons } from '../lesson/lessons.ts';
import { isCallId } from '../protocol/call.ts';
import { readRosterCsv, readRosterJson } from '../roster/roster-csv.ts';
import { RollCallError } from '../roll-call-error.ts';
import { unknownCall } from '../gateway/call-commands.ts';
import { type AuthDeps, badInput, must, route, requireIdentity } from './requests.ts';

/** What the API needs. */
export type RecordsApiDeps = AuthDeps & {
  readonly ledger: Ledger;
  readonly lessons: Pick<Lessons, 'attendance'>;
};

const SHOWN = ['all', 'missing', 'present', 'late', 'replay'] as const;
/** A hundred thousand names, each with a class. */
const ROSTER_BYTES = 8 * 1024 * 1024;
const PAGE_MOST = 200;
/** A list of people that several pages are turned in is made once, milliseconds. */
const PEOPLE_KEPT_MS = 1000;
/** Of so many calls: a list is some ten megabytes for a city's class. */
const PEOPLE_KEPT = 4;

/** Makes the part of `/api/rollcall` that is a teacher's book: roster, who answered, attendance. */
export function createRecordsApi(deps: RecordsApiDeps): Router {
  const { ledger, lessons, nowMs } = deps;
  const router = Router();
  const kept = new LRUCache<
    string,
    { readonly atMs: number; readonly people: Promise<readonly CallStudent[]> }
  >({ max: PEOPLE_KEPT });

  const check = (req: Request<{ channel: string }>): string => {
    requireIdentity(deps, req, 'teacher');
    return req.params.channel;
  };
  const callOf = async (channel: string, callId: string): Promise<StoredCall> => {
    const calls = isCallId(callId) ? await ledger.calls(channel) : [];
    const call = calls.find((known) => known.callId === callId);
    if (call === undefined) throw unknownCall(channel, callId);
    return call;
  };
  const people = (call: StoredCall): Promise<readonly CallStudent[]> => {
    const known = kept.get(call.callId);
    if (known !== undefined && Math.abs(nowMs() - known.atMs) < PEOPLE_KEPT_MS) return known.people;
    const fresh = studentsOfCall(ledger, call);
    const entry = { atMs: nowMs(), people: fresh };
    kept.set(call.callId, entry);
    setTimeout(() => {
      if (kept.get(call.callId) === entry) kept.delete(call.callId);
    }, PEOPLE_KEPT_MS).unref();
    return fresh;
  };
  const attendance = async (req: Request<{ channel: string }>): Promise<LessonAttendance> => {
    const channel = check(req);
    const { broadcast } = req.query;
    if (broadcast !== undefined && typeof broadcast !== 'string') throw badInput('broadcast: want one id');
    const found = await lessons.attendance(channel, broadcast ?? null);
    if (found === null) {
      throw new RollCallError(`channel ${channel}: no call was made in this lesson`, {
        ...{ code: 'no-attendance', status: 404 },
      });
    }
    return found;
  };

  router.get(
    '/api/rollcall/:channel/calls/:callId/students',
    route<{ channel: string; callId: string }>(async (req, res) => {
      const channel = check(req);
      const call = await callOf(channel, req.params.callId);
      const show = SHOWN.find((known) => known === (req.query['show'] ?? 'all'));
      if (show === undefined) throw badInput(`show: want one of ${SHOWN.join(', ')}`);
      const from = wholeNumber('from', req.query['from'], 0, 0, Number.MAX_SAFE_INTEGER);
      const count = wholeNumber('count', req.query['count'], 50, 1, PAGE_MOST);
      const all = (await people(call)).filter(
        ({ answer }) => show === 'all' || (answer?.status ?? 'missing') === show,
      );
      const students = all.slice(from, from + count).map(({ entry, answer }) => ({
        ...entry,
        status: answer?.status ?? 'absent',
        value: answer?.value ?? null,
        reactionMs: answer?.reactionMs ?? null,
      }));
      res.set('Cache-Control', 'no-store').json({ total: all.length, students });
    }),
  );

  router.get(
    '/api/rollcall/:channel/calls/:callId/answers.csv',
    route<{ channel: string; callId: string }>(async (req, res) => {
      const channel = check(req);
      const call = await callOf(channel, req.params.callId);
      sendCsv(
        res,
        `${channel}-${call.callId}.csv`,
        await answersCsv(call, await studentsOfCall(ledger, call)),
      );
    }),
  );

  const roster: RequestHandler<{ channel: string }>[] = [
    // Before a body is read, which may be large.
    (req, _res, next) => {
      check(req);
      next();
    },
    express.json({ limit: ROSTER_BYTES, strict: true }),
    express.text({ limit: ROSTER_BYTES, type: ['text/csv', 'text/plain'] }),
  ];
  router.put(
    '/api/rollcall/:channel/roster',
    ...roster,
    route<{ channel: string }>(async (req, res) => {
      const { channel } = req.params;
      const body: unknown = req.body;
      const entries = must(typeof body === 'string' ? readRosterCsv(body) : readRosterJson(body));
      await ledger.putRoster(channel, entries);
      res.set('Cache-Control', 'no-store').json({ size: entries.length });
    }),
  );

  router.get(
    '/api/rollcall/:channel/roster',
    route<{ channel: string }>(async (req, res) => {
      const channel = check(req);
      res.set('Cache-Control', 'no-store').json({ entries: await ledger.roster(channel) });
    }),
  );

  router.get(
    '/api/rollcall/:channel/attendance',
    route<{ channel: string }>(async (req, res) => {
      const body = await attendanceJson(await attendance(req));
      res.set('Cache-Control', 'no-store').type('json').send(body);
    }),
  );

  router.get(
    '/api/rollcall/:channel/attendance.csv',
    route<{ channel: string }>(async (req, res) => {
      const found = await attendance(req);
      sendCsv(res, `${found.channel}-attendance.csv`, await attendanceCsv(found));
    }),
  );

  return router;
}

function sendCsv(res: Response, name: string, text: string): void {
  res.set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  res.send(text);
}

function wholeNumber(place: string, text: unknown, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw badInput(`${place}: want a whole number, ${least} to ${most}`);
  return value;
}
