import { z } from 'zod';
import { apiRoute } from '../../shared/openapi/api-route.ts';
import { channelParam } from '../../shared/openapi/parameters.ts';

const data = z
  .strictObject({
    roster: z.array(z.looseObject({ id: z.string() })),
    answers: z.array(z.looseObject({ callId: z.string() })),
    asked: z.array(z.looseObject({ callId: z.string() })),
    watched: z.array(z.looseObject({ sub: z.string(), minutes: z.array(z.int()) })),
    attendances: z
      .array(z.looseObject({ broadcastId: z.string() }))
      .meta({ description: 'Her rows in the stored attendances' }),
    alsoStoredAs: z.array(z.string()).meta({
      description: 'Other ids in the same records: more may be stored under them, to be asked for one by one',
    }),
  })
  .meta({ description: 'All that is stored of one student in a channel' });
const common = {
  path: '/api/rollcall/{channel}/students/{id}',
  access: ['operator'],
  params: {
    channel: channelParam,
    id: z.string().meta({ description: 'The `sub` of her token, or her number on the class list' }),
  },
  responses: { 200: { description: 'What there is, or was', schema: data } },
  refusals: { 404: ['unknown-channel'], 503: ['ledger-unavailable', 'origin-unavailable'] },
} as const;

/** `GET /api/rollcall/{channel}/students/{id}`. */
export const exportStudent = apiRoute({
  ...common,
  ...{ method: 'get', operationId: 'exportStudent' },
  summary: 'All that is stored of a student: class list, answers, calls, minutes, attendances',
});

/** `DELETE /api/rollcall/{channel}/students/{id}`. */
export const eraseStudent = apiRoute({
  ...common,
  ...{ method: 'delete', operationId: 'eraseStudent' },
  summary: 'Erases all that is stored of a student, also on disk; the response has what it was',
});
