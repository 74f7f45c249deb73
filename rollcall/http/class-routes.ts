import { z } from 'zod';
import { apiRoute } from '../../shared/openapi/api-route.ts';
import { channelParam, queryInteger } from '../../shared/openapi/parameters.ts';
import {
  ackSchema,
  answerSchema,
  callChangeSchema,
  callIdSchema,
  callSchema,
  guestSchema,
  guestTokenSchema,
  questionSchema,
  rollCallSchema,
  watchedSchema,
} from './api-schemas.ts';

const channelParams = { channel: channelParam };
const callParams = { channel: channelParam, callId: callIdSchema };
const UNKNOWN_CHANNEL = { 404: ['unknown-channel'] } as const;
const LEDGER = ['ledger-unavailable', 'ledger-not-durable'] as const;

/** `GET /api/rollcall/{channel}`. */
export const getRollCall = apiRoute({
  ...{ method: 'get', path: '/api/rollcall/{channel}', operationId: 'getRollCall' },
  access: ['teacher', 'operator'],
  summary: 'Who is connected, and the calls of the channel with their counts',
  params: channelParams,
  responses: { 200: { description: 'The roll call', schema: rollCallSchema } },
  refusals: { ...UNKNOWN_CHANNEL, 503: LEDGER },
});

/** `POST /api/rollcall/{channel}/guests`. */
export const becomeGuest = apiRoute({
  ...{ method: 'post', path: '/api/rollcall/{channel}/guests', operationId: 'becomeGuest' },
  access: 'anyone',
  summary: 'Gives a guest a token for the name she enters, where the configuration allows guests',
  params: channelParams,
  body: { description: 'Her name', schema: guestSchema },
  responses: { 200: { description: 'A token', schema: guestTokenSchema } },
  refusals: { ...UNKNOWN_CHANNEL, 400: ['bad-input'], 403: ['no-guests'], 503: ['roll-call-busy'] },
});

/** Longest time that a request for events may be held open by its own wish, seconds. */
const EVENTS_WAIT_MAX_S = 25;

/** `GET /api/rollcall/{channel}/events`. */
export const followRollCall = apiRoute({
  ...{ method: 'get', path: '/api/rollcall/{channel}/events', operationId: 'followRollCall' },
  access: ['student', 'teacher', 'operator'],
  summary: 'The frames of the WebSocket as Server-Sent Events, where a proxy lets no WebSocket through',
  params: channelParams,
  query: z.object({
    waitS: queryInteger(0, EVENTS_WAIT_MAX_S).optional().meta({
      description:
        'Ends the events with the first one after the welcome, or after so many seconds: for a proxy that collects them until their end. Without an end when left out',
    }),
  }),
  responses: {
    200: { description: 'Events, the welcome first', types: ['text/event-stream'], schema: z.string() },
  },
  refusals: { ...UNKNOWN_CHANNEL, 400: ['bad-input'], 503: ['roll-call-busy'] },
});

/** `POST /api/rollcall/{channel}/watched`. */
export const tellWatched = apiRoute({
  ...{ method: 'post', path: '/api/rollcall/{channel}/watched', operationId: 'tellWatched' },
  access: ['student'],
  summary: 'Records a minute of program date time of which half or more was played',
  params: channelParams,
  body: { description: 'The minute', schema: watchedSchema },
  responses: { 204: { description: 'Recorded' } },
  refusals: { ...UNKNOWN_CHANNEL, 400: ['bad-input', 'bad-claim'], 429: ['too-many-minutes'] },
});

/** `POST /api/rollcall/{channel}/calls`. */
export const openCall = apiRoute({
  ...{ method: 'post', path: '/api/rollcall/{channel}/calls', operationId: 'openCall' },
  access: ['teacher', 'operator'],
  summary: 'Opens a call: students hear it at the program date time of this moment',
  params: channelParams,
  body: { description: 'What to ask', schema: questionSchema },
  responses: { 201: { description: 'The call', schema: callSchema } },
  refusals: { ...UNKNOWN_CHANNEL, 400: ['bad-input'], 409: ['call-open'], 503: LEDGER },
});

/** `GET /api/rollcall/{channel}/calls/{callId}`. */
export const getCall = apiRoute({
  ...{ method: 'get', path: '/api/rollcall/{channel}/calls/{callId}', operationId: 'getCall' },
  access: ['student', 'teacher', 'operator'],
  summary: 'One call; for a teacher with its counts',
  params: callParams,
  responses: { 200: { description: 'The call', schema: callSchema } },
  refusals: { 404: ['unknown-channel', 'unknown-call'], 503: LEDGER },
});

/** `PATCH /api/rollcall/{channel}/calls/{callId}`. */
export const changeCall = apiRoute({
  ...{ method: 'patch', path: '/api/rollcall/{channel}/calls/{callId}', operationId: 'changeCall' },
  access: ['teacher', 'operator'],
  summary: 'Closes a call, or gives it another window',
  params: callParams,
  body: { description: 'What to change', schema: callChangeSchema },
  responses: { 200: { description: 'The call', schema: callSchema } },
  refusals: {
    400: ['bad-input'],
    404: ['unknown-channel', 'unknown-call'],
    409: ['call-over'],
    503: LEDGER,
  },
});

/** `POST /api/rollcall/{channel}/calls/{callId}/answers`. */
export const answerCall = apiRoute({
  ...{ method: 'post', path: '/api/rollcall/{channel}/calls/{callId}/answers', operationId: 'answerCall' },
  access: ['student'],
  summary: 'Answers a call; the ack is sent when the answer is durable',
  params: callParams,
  body: { description: 'The answer', schema: answerSchema },
  responses: { 200: { description: 'The ack', schema: ackSchema } },
  refusals: {
    400: ['bad-input', 'bad-answer', 'bad-claim'],
    404: ['unknown-channel', 'unknown-call'],
    409: ['too-early', 'call-over', 'answer-id-taken'],
    503: LEDGER,
  },
});
