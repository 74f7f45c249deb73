import express, { type Request, type Response, type Router } from 'express';
import type { Clock } from '../../shared/clock.ts';
import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { authorize } from '../../shared/token.ts';
import { attendanceKey } from '../archive/archive-keys.ts';
import { BroadcastError } from '../broadcasts/broadcast.ts';
import type { BroadcastCatalogue } from '../broadcasts/broadcast-catalogue.ts';
import { badInput } from './read-input.ts';

/** What the API of attendances needs. */
export type AttendanceApiDeps = {
  readonly store: ObjectStore;
  readonly catalogue: BroadcastCatalogue;
  readonly secret: string;
  readonly clock: Clock;
};

/** A city-wide lecture has 100,000 names. */
const MAX_BYTES = 32 * 2 ** 20;

/** Makes the API that keeps a broadcast's attendance beside it. Names of children: for teachers and operators alone. */
export function createAttendanceApi({ store, catalogue, secret, clock }: AttendanceApiDeps): Router {
  const router = express.Router();
  const path = '/api/channels/:channel/broadcasts/:id/attendance';
  const check = (req: Request<{ channel: string; id: string }>): string => {
    const { channel, id } = req.params;
    const roles = ['teacher', 'operator', 'worker'] as const;
    authorize(secret, req.headers.authorization, channel, roles, clock.nowMs());
    catalogue.want(channel, id);
    return attendanceKey(channel, id);
  };

  router.put(path, express.raw({ limit: MAX_BYTES, type: 'application/json' }), (req, res, fail) => {
    const key = check(req);
    const body: unknown = req.body;
    if (!Buffer.isBuffer(body) || !isJsonObject(body)) {
      throw badInput('attendance: want a JSON object, with Content-Type: application/json');
    }
    store
      .put(key, body)
      .then(() => res.set('Cache-Control', 'no-store').status(204).end())
      .catch(fail);
  });

  router.get(path, (req, res: Response, fail) => {
    const key = check(req);
    getIfThere(store, key)
      .then((bytes) => {
        if (bytes === null) {
          throw new BroadcastError(`broadcast ${req.params.id} has no attendance`, {
            ...{ code: 'no-attendance', status: 404 },
          });
        }
        res.set('Cache-Control', 'private, no-store').type('json').send(bytes);
      })
      .catch(fail);
  });

  return router;
}

function isJsonObject(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
