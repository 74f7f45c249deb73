import { type Request, type Response, Router } from 'express';
import { contentDisposition } from '../../shared/content-disposition.ts';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { readInput } from '../../shared/openapi/read-input.ts';
import type { Rooms } from '../gateway/rooms.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { attendanceJson } from '../lesson/attendance-json.ts';
import type { LessonAttendance } from '../lesson/attendance.ts';
import { studentsOfCall } from '../lesson/call-students.ts';
import type { CurrentBroadcast } from '../lesson/current-broadcast.ts';
import { answerRows, attendanceRows, callRows } from '../lesson/export-rows.ts';
import type { Lessons } from '../lesson/lessons.ts';
import type { SchoolTime } from '../lesson/school-time.ts';
import { type CsvFields, writeCsv } from '../lesson/write-csv.ts';
import { writeXlsx } from '../lesson/write-xlsx.ts';
import { RollCallError, unknownCall } from '../roll-call-error.ts';
import {
  exportAnswers,
  exportAnswersWorkbook,
  exportCalls,
  exportCallsWorkbook,
  exportLessonAttendance,
  exportLessonAttendanceWorkbook,
  getLessonAttendance,
} from './exports-routes.ts';
import { type AuthDeps, requireIdentity, route } from './requests.ts';

/** What the API of exports needs. */
export type ExportsApiDeps = AuthDeps & {
  readonly ledger: Ledger;
  readonly lessons: Pick<Lessons, 'attendance' | 'ofBroadcast'>;
  readonly rooms: Pick<Rooms, 'refreshed'>;
  readonly current: Pick<CurrentBroadcast, 'of'>;
  readonly time: SchoolTime;
  /** What a channel is called. */
  titleOf(channel: string): string;
};

/** A spreadsheet: rows, and what its file is called. */
type Sheet = {
  readonly channel: string;
  /** When the lesson or the call began, UTC milliseconds. */
  readonly atMs: number;
  /** `attendance`, `answers`, `calls`. */
  readonly what: string;
  readonly rows: Iterable<CsvFields>;
};

type ChannelRequest = Request<{ channel: string }>;

/** Makes the part of `/api/rollcall` with attendances, answers and calls as files, each as CSV and as an Excel workbook. */
export function createExportsApi(deps: ExportsApiDeps): Router {
  const { ledger, lessons, rooms, current, time, titleOf } = deps;
  const router = Router();

  const requireTeacher = (req: ChannelRequest): string => {
    requireIdentity(deps, req, 'teacher');
    return req.params.channel;
  };

  /** The attendance of the lesson that a request names. Of the class on air there is one before its first call. */
  const requireAttendance = async (req: ChannelRequest): Promise<LessonAttendance> => {
    const channel = requireTeacher(req);
    const { broadcast, call } = readInput(getLessonAttendance.query, req.query, 'query');
    const isNamed = broadcast !== undefined || call !== undefined;
    const onAir = isNamed ? null : await current.of(channel);
    const attendance =
      (await lessons.attendance(channel, broadcast ?? onAir?.id ?? null, call ?? null)) ??
      (onAir === null ? null : await lessons.ofBroadcast(channel, onAir, null));
    if (attendance !== null) return attendance;
    throw new RollCallError(`channel ${channel}: no call was opened in this lesson`, {
      ...{ code: 'no-attendance', status: 404 },
    });
  };

  const attendanceSheet = async (req: ChannelRequest): Promise<Sheet> => {
    const attendance = await requireAttendance(req);
    const { channel, lesson, calls } = attendance;
    // A lesson without a broadcast begins an hour before its first call.
    const atMs = lesson.broadcastId === null ? (calls[0]?.atProgramTimeMs ?? lesson.startMs) : lesson.startMs;
    return { channel, atMs, what: 'attendance', rows: attendanceRows(attendance, time) };
  };

  const callsSheet = async (req: ChannelRequest): Promise<Sheet> => {
    const { channel, lesson, calls } = await requireAttendance(req);
    const room = await rooms.refreshed(channel);
    const counted = [];
    for (const call of calls) counted.push({ call, tally: await room.tally(call.callId) });
    const atMs = calls[0]?.atProgramTimeMs ?? lesson.startMs;
    return { channel, atMs, what: 'calls', rows: callRows(counted, time) };
  };

  const answersSheet = async (req: Request<{ channel: string; callId: string }>): Promise<Sheet> => {
    const { callId } = req.params;
    requireIdentity(deps, req, 'teacher');
    const { channel } = req.params;
    const call = (await ledger.calls(channel)).find((known) => known.callId === callId);
    if (call === undefined) throw unknownCall(channel, callId);
    const students = await studentsOfCall(ledger, call);
    return { channel, atMs: call.atProgramTimeMs, what: 'answers', rows: answerRows(call, students, time) };
  };

  const sendCsv = async (res: Response, sheet: Sheet): Promise<void> => {
    const text = await writeCsv(sheet.rows);
    nameFile(res, sheet, 'csv').type('text/csv; charset=utf-8').send(text);
  };
  const sendXlsx = async (res: Response, sheet: Sheet): Promise<void> => {
    const bytes = await writeXlsx(`${time.day(sheet.atMs)} ${sheet.what}`, sheet.rows);
    const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    nameFile(res, sheet, 'xlsx').type(type).send(bytes);
  };
  /** Class, date and time, since a class may have several lessons a day: `七年级数学 2026-02-17 16.45 attendance.csv`. */
  const nameFile = (res: Response, { channel, atMs, what }: Sheet, ending: string): Response => {
    const when = `${time.day(atMs)} ${time.clock(atMs).slice(0, 5).replace(':', '.')} ${what}`;
    return res.set({
      'Content-Disposition': contentDisposition(`${titleOf(channel)} ${when}`, ending, `${channel} ${when}`),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  };

  mountRoute(
    router,
    getLessonAttendance,
    route<{ channel: string }>(async (req, res) => {
      const body = await attendanceJson(await requireAttendance(req));
      res.set('Cache-Control', 'no-store').type('json').send(body);
    }),
  );
  for (const [exported, sheetOf] of [
    [exportLessonAttendance, attendanceSheet],
    [exportCalls, callsSheet],
  ] as const) {
    mountRoute(
      router,
      exported,
      route<{ channel: string }>(async (req, res) => sendCsv(res, await sheetOf(req))),
    );
  }
  for (const [exported, sheetOf] of [
    [exportLessonAttendanceWorkbook, attendanceSheet],
    [exportCallsWorkbook, callsSheet],
  ] as const) {
    mountRoute(
      router,
      exported,
      route<{ channel: string }>(async (req, res) => sendXlsx(res, await sheetOf(req))),
    );
  }
  mountRoute(
    router,
    exportAnswers,
    route<{ channel: string; callId: string }>(async (req, res) => sendCsv(res, await answersSheet(req))),
  );
  mountRoute(
    router,
    exportAnswersWorkbook,
    route<{ channel: string; callId: string }>(async (req, res) => sendXlsx(res, await answersSheet(req))),
  );
  return router;
}
