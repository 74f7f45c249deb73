import { z } from 'zod';
import { apiRoute } from '../../../shared/openapi/api-route.ts';
import { channelParam, queryInteger, utcMs } from '../../../shared/openapi/parameters.ts';
import { markId, markInput, storedMark } from '../../marks/mark.ts';

const time = queryInteger(0, 1e15).optional().meta({ description: 'UTC milliseconds' });

/** `GET /api/channels/{channel}/marks`. */
export const listMarks = apiRoute({
  ...{ method: 'get', path: '/api/channels/{channel}/marks', operationId: 'listMarks', access: 'viewers' },
  summary: 'The marks of a channel, such as its latest roll calls',
  params: { channel: channelParam },
  query: z.strictObject({ fromMs: time, toMs: time }),
  responses: {
    200: {
      description: 'Marks, oldest first',
      schema: z.object({ marks: z.array(storedMark.meta({ id: 'Mark' })) }),
    },
  },
  refusals: { 400: ['bad-input'], 404: ['unknown-channel'], 503: ['library-loading'] },
});

/** `PUT /api/channels/{channel}/marks/{id}`. */
export const putMark = apiRoute({
  ...{ method: 'put', path: '/api/channels/{channel}/marks/{id}', operationId: 'putMark' },
  access: ['teacher', 'operator', 'worker'],
  summary: 'Adds a mark to the streams: the roll was called',
  params: { channel: channelParam, id: markId },
  body: { description: 'The mark', schema: markInput.meta({ id: 'MarkInput' }) },
  responses: {
    200: {
      description: 'The broadcast that it lies in; null where there is none',
      schema: z.object({
        channel: z.string(),
        id: markId,
        broadcast: z.object({ id: z.string(), startMs: utcMs }).nullable(),
      }),
    },
  },
  refusals: { 400: ['bad-input'], 404: ['unknown-channel'], 503: ['store-unavailable', 'library-loading'] },
});
