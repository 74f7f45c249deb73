import { Router } from 'express';
import type { Clock } from '../shared/clock.ts';
import { mountRoute } from '../shared/openapi/api-route.ts';
import { authorize } from '../shared/token.ts';
import { type CapacityAnswer, getCapacity } from './api-routes.ts';
import type { WorkerCapacity } from './capacity/worker-capacity.ts';

/**
 * Makes the router of `GET /api/capacity` (operator).
 *
 * Errors go to the next error handler: `no-token`, `bad-token`, `expired-token`, `forbidden`.
 *
 * @param deps.waiting how many jobs wait in the queue
 */
export function createCapacityApi(deps: {
  readonly secret: string;
  readonly clock: Clock;
  readonly capacity: WorkerCapacity;
  waiting(): Promise<number>;
}): Router {
  const router = Router();
  mountRoute(router, getCapacity, async (req, res) => {
    authorize(deps.secret, req.headers.authorization, null, getCapacity.access, deps.clock.nowMs());
    const answer: CapacityAnswer = { waitingJobs: await deps.waiting(), worker: deps.capacity.status() };
    res.set('cache-control', 'no-store').json(answer);
  });
  return router;
}
