import { type Request, Router } from 'express';
import { mountRoute } from '../../shared/openapi/api-route.ts';
import { TokenError } from '../../shared/token.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { otherIds } from '../ledger/student-data.ts';
import type { OriginClient } from '../lesson/origin-client.ts';
import { type AuthDeps, requireIdentity, route } from './requests.ts';
import { eraseStudent, exportStudent } from './student-data-routes.ts';

/** What the API of one student's data needs. */
export type StudentDataApiDeps = AuthDeps & {
  readonly ledger: Pick<Ledger, 'studentData' | 'eraseStudent'>;
  readonly origin: Pick<OriginClient, 'studentAttendances' | 'eraseStudent'>;
  /** Called between the ledger and the origin: nothing that was taken before may be stored after it. */
  onErased(channel: string): Promise<void>;
};

type Params = { channel: string; id: string };

/** Makes the API by which an operator exports and erases the data of one student. */
export function createStudentDataApi(deps: StudentDataApiDeps): Router {
  const { ledger, origin, onErased } = deps;
  const router = Router();
  const requireOperator = (req: Request<Params>): Params => {
    const { role } = requireIdentity(deps, req, 'teacher');
    if (role === 'operator') return req.params;
    throw new TokenError(`a token of role ${role} does not allow this`, { code: 'forbidden', status: 403 });
  };

  mountRoute(
    router,
    exportStudent,
    route<Params>(async (req, res) => {
      const { channel, id } = requireOperator(req);
      const data = await ledger.studentData(channel, id);
      const attendances = await origin.studentAttendances(channel, id);
      res.set('Cache-Control', 'no-store').json({ ...data, attendances, alsoStoredAs: otherIds(id, data) });
    }),
  );

  mountRoute(
    router,
    eraseStudent,
    route<Params>(async (req, res) => {
      const { channel, id } = requireOperator(req);
      const data = await ledger.eraseStudent(channel, id);
      await onErased(channel);
      const attendances = await origin.eraseStudent(channel, id);
      res.set('Cache-Control', 'no-store').json({ ...data, attendances, alsoStoredAs: otherIds(id, data) });
    }),
  );

  return router;
}
