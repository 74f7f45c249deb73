import { z } from 'zod';
import { apiRoute } from '../../../shared/openapi/api-route.ts';
import { utcMs } from '../../../shared/openapi/parameters.ts';
import { EXCHANGE_ROLES } from '../../../shared/viewer-token.ts';

const common = { path: '/api/viewer-token', access: EXCHANGE_ROLES } as const;

/** `POST /api/viewer-token`. */
export const exchangeToken = apiRoute({
  ...common,
  ...{ method: 'post', operationId: 'exchangeToken' },
  summary:
    'Exchanges a token for a viewer’s, which plays and does nothing else: only that may stand in an address',
  body: {
    description: 'What it is for',
    schema: z.strictObject({
      channel: z
        .string()
        .regex(/^([a-z0-9-]{1,64}|\*)$/)
        .optional()
        .meta({ description: 'The one channel that it opens; all of the token’s when left out' }),
      cookie: z
        .boolean()
        .optional()
        .meta({ description: 'Sets it as the cookie lectern-token too: no address needs it then' }),
    }),
  },
  responses: {
    200: {
      description: 'The viewer’s token',
      schema: z
        .object({
          access: z.enum(['open', 'token']).meta({ description: 'Whether playback needs a token at all' }),
          token: z.string().nullable().meta({
            description:
              'For `/t/{token}/…` and `?token=`. Null where none is needed: access is open, and the sender edits nothing',
          }),
          mayEdit: z.boolean().meta({
            description:
              'It also opens what was cut off recordings: only editing needs it where access is open',
          }),
          channel: z.string(),
          expiresMs: utcMs.nullable(),
        })
        .meta({ id: 'ViewerToken' }),
    },
  },
  refusals: { 400: ['bad-input'] },
});

/** `DELETE /api/viewer-token`. */
export const forgetToken = apiRoute({
  ...{ method: 'delete', path: '/api/viewer-token', operationId: 'forgetToken', access: 'anyone' },
  summary: 'Removes the cookie lectern-token: the next person at this computer is nobody',
  responses: { 204: { description: 'Removed' } },
});
