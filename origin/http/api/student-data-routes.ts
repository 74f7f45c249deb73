import { z } from 'zod';
import { apiRoute } from '../../../shared/openapi/api-route.ts';
import { channelParam } from '../../../shared/openapi/parameters.ts';

const attendances = z.strictObject({
  attendances: z.array(z.strictObject({ broadcastId: z.string(), rows: z.array(z.looseObject({})) })),
});
const common = {
  path: '/api/channels/{channel}/students/{id}',
  access: ['operator', 'worker'],
  params: {
    channel: channelParam,
    id: z.string().meta({ description: 'Her number on the class list, or the `sub` of her token' }),
  },
  responses: { 200: { description: 'Her rows in the stored attendances', schema: attendances } },
  refusals: { 404: ['unknown-channel'], 503: ['store-unavailable'] },
} as const;

/** `GET /api/channels/{channel}/students/{id}`. */
export const getStudentAttendances = apiRoute({
  ...common,
  ...{ method: 'get', operationId: 'getStudentAttendances' },
  summary: 'What the stored attendances say of a student',
});

/** `DELETE /api/channels/{channel}/students/{id}`. */
export const eraseStudentAttendances = apiRoute({
  ...common,
  ...{ method: 'delete', operationId: 'eraseStudentAttendances' },
  summary: 'Takes a student out of the stored attendances; the roll call does so when it erases her',
});
