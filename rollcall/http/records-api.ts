import express, { type Request, type RequestHandler, Router } from 'express';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { readInput } from '../../shared/openapi/read-input.ts';
import type { Ledger, StoredCall } from '../ledger/ledger.ts';
import { isCallId } from '../protocol/call.ts';
import { readColumnUses, type RosterChoice } from '../protocol/roster-choice.ts';
import type { RosterPreview } from '../protocol/roster-preview.ts';
import { unknownCall } from '../roll-call-error.ts';
import type { RosterReading } from '../roster/read-roster.ts';
import { problemText } from '../roster/roster-problem.ts';
import { isJson, readRosterBody } from './roster-body.ts';
import { getRoster, listStudents, previewRoster, putRoster, STUDENTS_DEFAULT } from './records-routes.ts';
import { type AuthDeps, badInput, requireIdentity, route } from './requests.ts';
import { StudentsCache } from './students-cache.ts';

/** What the API of records needs. */
export type RecordsApiDeps = AuthDeps & {
  readonly ledger: Ledger;
};

/** Entries that a preview shows. */
const PREVIEWED = 10;
/** A class list of 100,000 names, each with a group. */
const ROSTER_MAX_BYTES = 8 * 1024 * 1024;

/** Makes the part of `/api/rollcall` with the class list, and who answered. */
export function createRecordsApi(deps: RecordsApiDeps): Router {
  const { ledger, nowMs } = deps;
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
  mountRoute(
    router,
    listStudents,
    route<{ channel: string; callId: string }>(async (req, res) => {
      const call = await requireCall(requireTeacher(req), req.params.callId);
      const { show, from = 0, count = STUDENTS_DEFAULT } = readInput(listStudents.query, req.query, 'query');
      const shown = (await studentsCache.get(call)).filter(({ answer, onRoster }) => {
        // Who is not on the list is in no count of the class.
        if (show === 'all' || show === 'strangers') return show === 'all' || !onRoster;
        return onRoster && (answer?.status ?? 'missing') === show;
      });
      const students = shown.slice(from, from + count).map(({ entry, answer, onRoster, beside }) => ({
        ...{ ...entry, onRoster, beside },
        status: answer?.status ?? 'absent',
        value: answer?.value ?? null,
        reactionMs: answer?.reactionMs ?? null,
      }));
      res.set('Cache-Control', 'no-store').json({ total: shown.length, students });
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
  const choiceOf = (req: Request<{ channel: string }>): RosterChoice => {
    const { sheet = null, headings = null, columns } = readInput(putRoster.query, req.query, 'query');
    return { sheet, headingLine: headings, columns: columns === undefined ? null : readColumnUses(columns) };
  };
  // Both read a file in one way, so that what was shown is what is taken.
  const readingOf = (req: Request<{ channel: string }>): Promise<RosterReading> =>
    readRosterBody(req.body, req.headers['content-type'], choiceOf(req));
  mountRoute(
    router,
    putRoster,
    ...rosterBody,
    route<{ channel: string }>(async (req, res) => {
      const reading = await readingOf(req);
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
      const reading = await readingOf(req);
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

  return router;
}

function previewOf(reading: RosterReading): RosterPreview {
  const { table } = reading;
  if (reading.kind === 'refused') {
    return { kind: 'refused', problem: reading.problem, message: problemText(reading.problem), table };
  }
  const { entries, columns, notes } = reading;
  const first = entries.slice(0, PREVIEWED);
  return { kind: 'readable', size: entries.length, columns, entries: first, notes, table };
}
