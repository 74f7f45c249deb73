import { z } from 'zod';
import { type ApiRoute, apiRoute } from '../shared/openapi/api-route.ts';
import { capacityStatusSchema } from './capacity/capacity-status.ts';

const capacity = z
  .object({
    waitingJobs: z.int().meta({ description: 'Broadcasts in the queue that no worker has taken' }),
    worker: capacityStatusSchema,
  })
  .meta({ id: 'Capacity' });

/** `GET /api/capacity`. */
export const getCapacity = apiRoute({
  ...{ method: 'get', path: '/api/capacity', operationId: 'getCapacity', access: ['operator'] },
  summary: 'What this transcode worker bears and uses, and what is missing: for an autoscaler',
  responses: { 200: { description: 'Capacity', schema: capacity } },
});

/** What `GET /api/capacity` answers. */
export type CapacityAnswer = z.output<typeof capacity>;

/** The transcode worker's part of the HTTP interface, for the OpenAPI document. */
export const TRANSCODE_ROUTES: readonly ApiRoute[] = [getCapacity];
