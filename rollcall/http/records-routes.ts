import { z } from 'zod';
import { apiRoute } from '../../shared/openapi/api-route.ts';
import { channelParam, queryInteger } from '../../shared/openapi/parameters.ts';
import { COLUMNS_PATTERN } from '../protocol/roster-choice.ts';
import {
  callIdSchema,
  callStudentsSchema,
  rosterInputSchema,
  rosterPreviewSchema,
  rosterSchema,
} from './api-schemas.ts';

/** Students on a page when the request does not say how many. */
export const STUDENTS_DEFAULT = 50;
/** Most students on a page. */
const STUDENTS_MAX = 200;

const channelParams = { channel: channelParam };
const callParams = { channel: channelParam, callId: callIdSchema };
const UNKNOWN_CALL = { 404: ['unknown-channel', 'unknown-call'], 503: ['ledger-unavailable'] } as const;

/** `GET /api/rollcall/{channel}/calls/{callId}/students`. */
export const listStudents = apiRoute({
  ...{ method: 'get', path: '/api/rollcall/{channel}/calls/{callId}/students', operationId: 'listStudents' },
  access: ['teacher', 'operator'],
  summary: 'Who answered and who is missing, a page at a time',
  params: callParams,
  query: z.object({
    show: z.enum(['all', 'missing', 'present', 'late', 'replay', 'strangers']).default('all').meta({
      description:
        '"all" when left out; "strangers" are not on the class list, and in none of the other groups',
    }),
    from: queryInteger(0, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'How many to skip' }),
    count: queryInteger(1, STUDENTS_MAX)
      .optional()
      .meta({ description: `How many to list; ${STUDENTS_DEFAULT} when left out` }),
  }),
  responses: { 200: { description: 'A page', schema: callStudentsSchema } },
  refusals: { ...UNKNOWN_CALL, 400: ['bad-input'] },
});

/** `GET /api/rollcall/{channel}/roster`. */
export const getRoster = apiRoute({
  ...{ method: 'get', path: '/api/rollcall/{channel}/roster', operationId: 'getRoster' },
  access: ['teacher', 'operator'],
  summary: 'The class list of a channel',
  params: channelParams,
  responses: { 200: { description: 'The class list', schema: rosterSchema } },
  refusals: { 404: ['unknown-channel'], 503: ['ledger-unavailable'] },
});

const rosterBody = {
  description:
    'A file: an Excel workbook (.xlsx), or CSV with headings or with the columns id, name, group, or names alone; or a list in JSON. Text in another encoding than UTF-8 names it: `text/csv; charset=gb18030`',
  schema: rosterInputSchema,
  textTypes: [
    'text/csv',
    'text/plain',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/octet-stream',
  ],
} as const;

/** No line of a file of the largest size is further down. */
const LINES_MAX = 9_000_000;

const rosterChoice = z.object({
  sheet: z.string().min(1).max(60).optional().meta({
    description: 'The one sheet of a workbook that is read; all that have headings when left out',
  }),
  headings: queryInteger(0, LINES_MAX).optional().meta({
    description: 'The line of the headings, from 1; 0 where there are none. Found when left out',
  }),
  columns: z
    .string()
    .regex(COLUMNS_PATTERN, 'want what each column is, from the left: id,name,,group')
    .optional()
    .meta({
      description:
        'What each column is taken for, from the left, empty for nothing: `id,name,,group`; also `family`, `given`, `middle`, `grade`. Guessed when left out. Of several sheets for those with the same headings as the first',
    }),
});

/** `POST /api/rollcall/{channel}/roster/preview`. */
export const previewRoster = apiRoute({
  ...{ method: 'post', path: '/api/rollcall/{channel}/roster/preview', operationId: 'previewRoster' },
  access: ['teacher', 'operator'],
  summary: 'How a class list would be understood; nothing is changed',
  params: channelParams,
  query: rosterChoice,
  body: rosterBody,
  responses: {
    200: {
      description:
        'Columns, first entries and notes, or why it would be refused; and the table as it stands in the file',
      schema: rosterPreviewSchema,
    },
  },
  refusals: { 400: ['bad-input'], 404: ['unknown-channel'] },
});

/** `PUT /api/rollcall/{channel}/roster`. */
export const putRoster = apiRoute({
  ...{ method: 'put', path: '/api/rollcall/{channel}/roster', operationId: 'putRoster' },
  access: ['teacher', 'operator'],
  summary: 'Replaces the class list of a channel; an empty one removes it',
  params: channelParams,
  query: rosterChoice,
  body: rosterBody,
  responses: { 200: { description: 'Its size', schema: z.object({ size: z.int() }) } },
  refusals: {
    400: ['bad-input'],
    404: ['unknown-channel'],
    503: ['ledger-unavailable', 'ledger-not-durable'],
  },
});
