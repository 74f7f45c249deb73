import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Ledger, StoredCall } from '../ledger/ledger.ts';
import { answersCsv, attendanceCsv } from '../lesson/attendance-csv.ts';
import { attendanceJson } from '../lesson/attendance-json.ts';
import type { LessonAttendance } from '../lesson/attendance.ts';
import { studentsOfCall } from '../lesson/call-students.ts';
import type { Lessons } from '../lesson/lessons.ts';
import { isCallId } from '../protocol/call.ts';
import { RollCallError, unknownCall } from '../roll-call-error.ts';
import { readRosterCsv, readRosterJson } from '../roster/roster-csv.ts';
import { type AuthDeps, badInput, requireIdentity, requireValid, route } from './requests.ts';
import { StudentsCache } from './students-cache.ts';

/** What the API of records needs. */
export type RecordsApiDeps = AuthDeps & {
  readonly ledger: Ledger;
  readonly lessons: Pick<Lessons, 'attendance'>;
};

const SHOW = ['all', 'missing', 'present', 'late', 'replay'] as const;
/** A class list of 100,000 names, each with a group. */
const ROSTER_MAX_BYTES = 8 * 1024 * 1024;
const PAGE_MAX = 200;

/** Makes the part of `/api/rollcall` with a teacher's records: class list, who answered, attendance. */
export function createRecordsApi(deps: RecordsApiDeps): Router {
  const { ledger, lessons, nowMs } = deps;
  const router = Router();
  const studentsCache = new StudentsCache(ledger, nowMs);

  const requireTeacher = (req: Request<{ channel: string }>): string => {
    requireIdentity(deps, req, 'teacher');
    return req.params.channel;
  };
  const requireCall = async (channel: string, callId: string): Promise<StoredCall> => {
    const calls = isCallId(callId) ? await ledger.calls(channel) : [];
    const call = calls.find((known) => known.callId === callId);
    if (call === undefined) throw unknownCall(channel, callId);
    return call;
  };
  const requireAttendance = async (req: Request<{ channel: string }>): Promise<LessonAttendance> => {
    const channel = requireTeacher(req);
    const { broadcast } = req.query;
    if (broadcast !== undefined && typeof broadcast !== 'string') throw badInput('broadcast: want one id');
    const attendance = await lessons.attendance(channel, broadcast ?? null);
    if (attendance !== null) return attendance;
    throw new RollCallError(`channel ${channel}: no call was opened in this lesson`, {
      ...{ code: 'no-attendance', status: 404 },
    });
  };

  router.get(
    '/api/rollcall/:channel/calls/:callId/students',
    route<{ channel: string; callId: string }>(async (req, res) => {
      const call = await requireCall(requireTeacher(req), req.params.callId);
      const show = SHOW.find((known) => known === (req.query['show'] ?? 'all'));
      if (show === undefined) throw badInput(`show: want one of ${SHOW.join(', ')}`);
      const from = wholeNumber('from', req.query['from'], 0, 0, Number.MAX_SAFE_INTEGER);
      const count = wholeNumber('count', req.query['count'], 50, 1, PAGE_MAX);
      const shown = (await studentsCache.get(call)).filter(
        ({ answer }) => show === 'all' || (answer?.status ?? 'missing') === show,
      );
      const students = shown.slice(from, from + count).map(({ entry, answer }) => ({
        ...entry,
        status: answer?.status ?? 'absent',
        value: answer?.value ?? null,
        reactionMs: answer?.reactionMs ?? null,
      }));
      res.set('Cache-Control', 'no-store').json({ total: shown.length, students });
    }),
  );

  router.get(
    '/api/rollcall/:channel/calls/:callId/answers.csv',
    route<{ channel: string; callId: string }>(async (req, res) => {
      const call = await requireCall(requireTeacher(req), req.params.callId);
      const csv = await answersCsv(call, await studentsOfCall(ledger, call));
      sendCsv(res, `${call.channel}-${call.callId}.csv`, csv);
    }),
  );

  const rosterBody: RequestHandler<{ channel: string }>[] = [
    // The token is checked before the body is read, which may be large.
    (req, _res, next) => {
      requireTeacher(req);
      next();
    },
    express.json({ limit: ROSTER_MAX_BYTES, strict: true }),
    express.text({ limit: ROSTER_MAX_BYTES, type: ['text/csv', 'text/plain'] }),
  ];
  router.put(
    '/api/rollcall/:channel/roster',
    ...rosterBody,
    route<{ channel: string }>(async (req, res) => {
      const body: unknown = req.body;
      const roster = requireValid(typeof body === 'string' ? readRosterCsv(body) : readRosterJson(body));
      await ledger.putRoster(req.params.channel, roster);
      res.set('Cache-Control', 'no-store').json({ size: roster.length });
    }),
  );

  router.get(
    '/api/rollcall/:channel/roster',
    route<{ channel: string }>(async (req, res) => {
      const channel = requireTeacher(req);
      res.set('Cache-Control', 'no-store').json({ entries: await ledger.roster(channel) });
    }),
  );

  router.get(
    '/api/rollcall/:channel/attendance',
    route<{ channel: string }>(async (req, res) => {
      const body = await attendanceJson(await requireAttendance(req));
      res.set('Cache-Control', 'no-store').type('json').send(body);
    }),
  );

  router.get(
    '/api/rollcall/:channel/attendance.csv',
    route<{ channel: string }>(async (req, res) => {
      const attendance = await requireAttendance(req);
      sendCsv(res, `${attendance.channel}-attendance.csv`, await attendanceCsv(attendance));
    }),
  );

  return router;
}

function sendCsv(res: Response, fileName: string, text: string): void {
  res.set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  res.send(text);
}

/** Reads a query parameter; both bounds are inclusive. */
function wholeNumber(place: string, text: unknown, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw badInput(`${place}: want a whole number, ${least} to ${most}`);
  return value;
}
