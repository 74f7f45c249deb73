import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { readInput } from '../../shared/openapi/read-input.ts';
import type { Ledger, StoredCall } from '../ledger/ledger.ts';
import { answersCsv, attendanceCsv } from '../lesson/attendance-csv.ts';
import { attendanceJson } from '../lesson/attendance-json.ts';
import type { LessonAttendance } from '../lesson/attendance.ts';
import { studentsOfCall } from '../lesson/call-students.ts';
import type { Lessons } from '../lesson/lessons.ts';
import { isCallId } from '../protocol/call.ts';
import type { RosterPreview } from '../protocol/roster-preview.ts';
import { RollCallError, unknownCall } from '../roll-call-error.ts';
import type { RosterReading } from '../roster/read-roster.ts';
import { problemText } from '../roster/roster-problem.ts';
import { isJson, readRosterBody } from './roster-body.ts';
import {
  exportAnswers,
  exportLessonAttendance,
  getLessonAttendance,
  getRoster,
  listStudents,
  previewRoster,
  putRoster,
  STUDENTS_DEFAULT,
} from './records-routes.ts';
import { type AuthDeps, badInput, requireIdentity, route } from './requests.ts';
import { StudentsCache } from './students-cache.ts';

/** What the API of records needs. */
export type RecordsApiDeps = AuthDeps & {
  readonly ledger: Ledger;
  readonly lessons: Pick<Lessons, 'attendance'>;
};

/** Entries that a preview shows. */
const PREVIEWED = 10;
/** A class list of 100,000 names, each with a group. */
const ROSTER_MAX_BYTES = 8 * 1024 * 1024;

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
    const { broadcast } = readInput(getLessonAttendance.query, req.query, 'query');
    const attendance = await lessons.attendance(channel, broadcast ?? null);
    if (attendance !== null) return attendance;
    throw new RollCallError(`channel ${channel}: no call was opened in this lesson`, {
      ...{ code: 'no-attendance', status: 404 },
    });
  };

  mountRoute(
    router,
    listStudents,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const call = await requireCall(requireTeacher(req), req.params.callId);
      const { show, from = 0, count = STUDENTS_DEFAULT } = readInput(listStudents.query, req.query, 'query');
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

  mountRoute(
    router,
    exportAnswers,
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
    // What it is follows from its bytes: browsers and scripts name many types for the same file.
    express.raw({ limit: ROSTER_MAX_BYTES, type: (req) => !isJson(req.headers['content-type']) }),
  ];
  mountRoute(
    router,
    putRoster,
    ...rosterBody,
    route<{ channel: string }>(async (req, res) => {
      const reading = await readRosterBody(req.body, req.headers['content-type']);
      if (reading.kind === 'refused') throw badInput(problemText(reading.problem));
      await ledger.putRoster(req.params.channel, reading.entries);
      res.set('Cache-Control', 'no-store').json({ size: reading.entries.length });
    }),
  );

  mountRoute(
    router,
    previewRoster,
    ...rosterBody,
    route<{ channel: string }>(async (req, res) => {
      const reading = await readRosterBody(req.body, req.headers['content-type']);
      res.set('Cache-Control', 'no-store').json(previewOf(reading));
    }),
  );

  mountRoute(
    router,
    getRoster,
    route<{ channel: string }>(async (req, res) => {
      const channel = requireTeacher(req);
      res.set('Cache-Control', 'no-store').json({ entries: await ledger.roster(channel) });
    }),
  );

  mountRoute(
    router,
    getLessonAttendance,
    route<{ channel: string }>(async (req, res) => {
      const body = await attendanceJson(await requireAttendance(req));
      res.set('Cache-Control', 'no-store').type('json').send(body);
    }),
  );

  mountRoute(
    router,
    exportLessonAttendance,
    route<{ channel: string }>(async (req, res) => {
      const attendance = await requireAttendance(req);
      sendCsv(res, `${attendance.channel}-attendance.csv`, await attendanceCsv(attendance));
    }),
  );

  return router;
}

function previewOf(reading: RosterReading): RosterPreview {
  if (reading.kind === 'refused') {
    return { kind: 'refused', problem: reading.problem, message: problemText(reading.problem) };
  }
  const { entries, columns, notes } = reading;
  return { kind: 'readable', size: entries.length, columns, entries: entries.slice(0, PREVIEWED), notes };
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
