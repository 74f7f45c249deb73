import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { getIfThere, type ObjectStore } from '../../../shared/object-store.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { authorize } from '../../../shared/token.ts';
import { attendanceKey } from '../../archive/archive-keys.ts';
import { BroadcastError } from '../../broadcasts/broadcast-record.ts';
import type { BroadcastLibrary } from '../../broadcasts/broadcast-library.ts';
import { getAttendance, putAttendance } from './attendance-routes.ts';
import { badInput } from '../../../shared/openapi/read-input.ts';

/** What the API of attendance needs. */
export type AttendanceApiDeps = {
  readonly store: ObjectStore;
  readonly library: BroadcastLibrary;
  readonly secret: string;
  readonly clock: Clock;
};

/** A city-wide lecture: 100,000 names with six calls are about 50 MiB. */
const MAX_BYTES = 64 * 2 ** 20;
/** A body up to this size is parsed, to check that it is JSON. Parsing a larger one would delay live requests. */
const PARSED_BYTES = 2 ** 20;
/** Braces, in ASCII. */
const [OPENING, CLOSING] = [0x7b, 0x7d];

type Params = { channel: string; id: string };

/** Makes the API that stores the attendance of a broadcast with it. It has names of children: students have no access. */
export function createAttendanceApi({ store, library, secret, clock }: AttendanceApiDeps): Router {
  const router = express.Router();
  /** Runs before the body is read: no byte is accepted without the right token. */
  const check = (req: Request<Params>, _res: Response, next: NextFunction): void => {
    const { channel, id } = req.params;
    authorize(secret, req.headers.authorization, channel, getAttendance.access, clock.nowMs());
    library.getOrThrow(channel, id);
    next();
  };
  // A compressed body could be a thousand times as large as it seems: it is refused with 415.
  const reader = express.raw({ limit: MAX_BYTES, type: 'application/json', inflate: false });

  mountRoute(router, putAttendance, check, reader, (req: Request<Params>, res, fail) => {
    const { channel, id } = req.params;
    const body: unknown = req.body;
    if (!Buffer.isBuffer(body) || !isJsonObject(body)) {
      throw badInput('attendance: want a JSON object, with Content-Type: application/json');
    }
    store
      .put(attendanceKey(channel, id), body)
      .then(() => res.set('Cache-Control', 'no-store').status(204).end())
      .catch(fail);
  });

  mountRoute(router, getAttendance, check, (req: Request<Params>, res: Response, fail) => {
    const { channel, id } = req.params;
    getIfThere(store, attendanceKey(channel, id))
      .then((bytes) => {
        if (bytes === null) {
          throw new BroadcastError(`broadcast ${id} has no attendance`, {
            ...{ code: 'no-attendance', status: 404 },
          });
        }
        res.set('Cache-Control', 'private, no-store').type('json').send(bytes);
      })
      .catch(fail);
  });

  return router;
}

/** Of a body larger than {@link PARSED_BYTES}, only the first and the last byte are checked. */
function isJsonObject(bytes: Buffer): boolean {
  if (bytes.length > PARSED_BYTES) return bytes[0] === OPENING && bytes.at(-1) === CLOSING;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
