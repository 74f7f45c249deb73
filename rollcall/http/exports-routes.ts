import { z } from 'zod';
import { type ApiContent, apiRoute } from '../../shared/openapi/api-route.ts';
import { channelParam } from '../../shared/openapi/parameters.ts';
import { attendanceSchema, callIdSchema } from './api-schemas.ts';

const csv: ApiContent = {
  description: 'UTF-8 with a byte order mark; times are those of the school (`timeZone`)',
  types: ['text/csv'],
  schema: z.string(),
};
const xlsx: ApiContent = {
  description: 'The same as an Excel workbook, in which texts stay texts',
  types: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  schema: null,
};
const teachers = ['teacher', 'operator'] as const;
const ofLesson = {
  access: teachers,
  params: { channel: channelParam },
  query: z.object({
    broadcast: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Broadcast id; the class on air, else the newest lesson when left out' }),
    call: callIdSchema.optional().meta({ description: 'The lesson of this call instead' }),
  }),
  refusals: {
    400: ['bad-input'],
    404: ['unknown-channel', 'no-attendance'],
    503: ['ledger-unavailable', 'origin-unavailable'],
  },
} as const;
const ofCall = {
  access: teachers,
  params: { channel: channelParam, callId: callIdSchema },
  refusals: { 404: ['unknown-channel', 'unknown-call'], 503: ['ledger-unavailable'] },
} as const;

/** `GET /api/rollcall/{channel}/attendance`. */
export const getLessonAttendance = apiRoute({
  ...ofLesson,
  ...{ method: 'get', path: '/api/rollcall/{channel}/attendance', operationId: 'getLessonAttendance' },
  summary: 'The answers of a lesson to all its calls, and the minutes that each student watched',
  responses: { 200: { description: 'The attendance', schema: attendanceSchema } },
});

/** `GET /api/rollcall/{channel}/attendance.csv`. */
export const exportLessonAttendance = apiRoute({
  ...ofLesson,
  ...{ method: 'get', path: '/api/rollcall/{channel}/attendance.csv', operationId: 'exportLessonAttendance' },
  summary: 'The attendance of a lesson, for a spreadsheet',
  responses: { 200: csv },
});

/** `GET /api/rollcall/{channel}/attendance.xlsx`. */
export const exportLessonAttendanceWorkbook = apiRoute({
  ...ofLesson,
  path: '/api/rollcall/{channel}/attendance.xlsx',
  ...{ method: 'get', operationId: 'exportLessonAttendanceWorkbook' },
  summary: 'The attendance of a lesson, for Excel',
  responses: { 200: xlsx },
});

/** `GET /api/rollcall/{channel}/calls.csv`. */
export const exportCalls = apiRoute({
  ...ofLesson,
  ...{ method: 'get', path: '/api/rollcall/{channel}/calls.csv', operationId: 'exportCalls' },
  summary: 'The calls of a lesson with their counts, for a spreadsheet',
  responses: { 200: csv },
});

/** `GET /api/rollcall/{channel}/calls.xlsx`. */
export const exportCallsWorkbook = apiRoute({
  ...ofLesson,
  ...{ method: 'get', path: '/api/rollcall/{channel}/calls.xlsx', operationId: 'exportCallsWorkbook' },
  summary: 'The calls of a lesson with their counts, for Excel',
  responses: { 200: xlsx },
});

/** `GET /api/rollcall/{channel}/calls/{callId}/answers.csv`. */
export const exportAnswers = apiRoute({
  ...ofCall,
  path: '/api/rollcall/{channel}/calls/{callId}/answers.csv',
  ...{ method: 'get', operationId: 'exportAnswers' },
  summary: 'Everybody’s answer, for a spreadsheet',
  responses: { 200: csv },
});

/** `GET /api/rollcall/{channel}/calls/{callId}/answers.xlsx`. */
export const exportAnswersWorkbook = apiRoute({
  ...ofCall,
  path: '/api/rollcall/{channel}/calls/{callId}/answers.xlsx',
  ...{ method: 'get', operationId: 'exportAnswersWorkbook' },
  summary: 'Everybody’s answer, for Excel',
  responses: { 200: xlsx },
});
