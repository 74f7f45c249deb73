import express, { type Request, type Response, type Router } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { authorize } from '../../../shared/token.ts';
import type { StudentAttendance, StudentAttendances } from '../../attendance/student-attendances.ts';
import { eraseStudentAttendances, getStudentAttendances } from './student-data-routes.ts';

/** What the API of one student's attendances needs. */
export type StudentAttendancesApiDeps = {
  readonly students: Pick<StudentAttendances, 'find' | 'erase'>;
  readonly secret: string;
  readonly clock: Clock;
  /** @throws {AppError} `unknown-channel` (404) */
  requireChannel(channel: string): void;
};

type Params = { channel: string; id: string };

/** Makes the API by which one student's attendances are exported and erased. */
export function createStudentDataApi({
  students,
  secret,
  clock,
  requireChannel,
}: StudentAttendancesApiDeps): Router {
  const router = express.Router();
  const answer =
    (work: (channel: string, id: string) => Promise<readonly StudentAttendance[]>) =>
    (req: Request<Params>, res: Response, fail: (error: unknown) => void): void => {
      const { channel, id } = req.params;
      authorize(secret, req.headers.authorization, channel, getStudentAttendances.access, clock.nowMs());
      requireChannel(channel);
      work(channel, id)
        .then((attendances) => res.set('Cache-Control', 'no-store').json({ attendances }))
        .catch(fail);
    };
  mountRoute(
    router,
    getStudentAttendances,
    answer((channel, id) => students.find(channel, id)),
  );
  mountRoute(
    router,
    eraseStudentAttendances,
    answer((channel, id) => students.erase(channel, id)),
  );
  return router;
}
