import { z } from 'zod';
import { apiRoute } from '../../../shared/openapi/api-route.ts';
import { broadcastParams } from './broadcasts-routes.ts';

/** The roll call says what is in it; the origin stores it as it is. */
const attendance = z.looseObject({}).meta({ description: 'As the roll call answers it for a lesson' });
const common = {
  path: '/api/channels/{channel}/broadcasts/{id}/attendance',
  access: ['teacher', 'operator', 'worker'],
  params: broadcastParams,
} as const;

/** `GET /api/channels/{channel}/broadcasts/{id}/attendance`. */
export const getAttendance = apiRoute({
  ...common,
  ...{ method: 'get', operationId: 'getAttendance' },
  summary: 'The attendance that is stored with a broadcast',
  responses: { 200: { description: 'The attendance', schema: attendance } },
  refusals: { 404: ['unknown-broadcast', 'no-attendance'], 503: ['library-loading', 'store-unavailable'] },
});

/** `PUT /api/channels/{channel}/broadcasts/{id}/attendance`. */
export const putAttendance = apiRoute({
  ...common,
  ...{ method: 'put', operationId: 'putAttendance' },
  summary: 'Stores an attendance with a broadcast',
  body: { description: 'The attendance; up to 64 MiB, not compressed', schema: attendance },
  responses: { 204: { description: 'Stored' } },
  refusals: {
    400: ['bad-input'],
    404: ['unknown-broadcast'],
    503: ['library-loading', 'store-unavailable'],
  },
});
