/** A place in an OpenAPI document that points to a schema. */
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const ok = (description: string, schema: object) => ({ description, content: json(schema) });
const problem = (description: string) => ok(description, ref('Problem'));
const csv = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' } } },
});
const body = (schema: object) => ({ required: true, content: json(schema) });
const pathParameter = (name: string, pattern: string) => ({
  ...{ name, in: 'path', required: true, schema: { type: 'string', pattern } },
});
const queryParameter = (name: string, description: string, schema: object) => ({
  ...{ name, in: 'query', required: false, description, schema },
});

const channel = pathParameter('channel', '^[a-z0-9-]{1,64}$');
const callId = pathParameter('callId', '^[a-z0-9]{1,32}$');
const broadcastId = pathParameter('id', '^[a-z0-9-]{1,64}$');
const security = [{ token: [] }];
const denied = {
  401: problem('no-token, bad-token, expired-token'),
  403: problem('forbidden'),
  404: problem('unknown-channel'),
};
const ms = { type: 'number', description: 'UTC milliseconds' };
const kind = { enum: ['presence', 'choice', 'number', 'text', 'hand'] };
const status = { enum: ['present', 'late', 'replay'] };
const value = { type: ['number', 'string', 'null'] };

/** The roll call, marks and attendance in the OpenAPI document; docs/rollcall.md has the rest of the protocol. */
export const rollCallPaths = {
  '/api/rollcall/{channel}': {
    get: {
      operationId: 'getRollCall',
      summary: 'Who is connected, and the calls of the channel with their counts, newest first (teacher)',
      ...{ security, parameters: [channel] },
      responses: { 200: ok('The roll call', { type: 'object' }), ...denied },
    },
  },
  '/api/rollcall/{channel}/guests': {
    post: {
      operationId: 'becomeGuest',
      summary: 'Gives whoever says her name a token, where access is open',
      parameters: [channel],
      requestBody: body({
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 60 },
          token: { type: 'string', description: 'Of before, to stay the same guest' },
        },
      }),
      responses: {
        200: ok('A token', { type: 'object', required: ['token', 'sub', 'name', 'expiresMs'] }),
        400: problem('bad-input'),
        403: problem('no-guests'),
        404: problem('unknown-channel'),
        503: problem('roll-call-busy, with Retry-After'),
      },
    },
  },
  '/api/rollcall/{channel}/events': {
    get: {
      operationId: 'followRollCall',
      summary: 'The frames of the WebSocket as Server-Sent Events, where no WebSocket gets through',
      ...{ security, parameters: [channel] },
      responses: {
        200: {
          description: 'Events without an end',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        ...denied,
      },
    },
  },
  '/api/rollcall/{channel}/watched': {
    post: {
      operationId: 'tellWatched',
      summary: 'A minute of program date time of which half or more was played (student)',
      ...{ security, parameters: [channel] },
      requestBody: body({
        type: 'object',
        required: ['minute'],
        properties: { minute: { type: 'integer', description: 'Minutes since the epoch' } },
      }),
      responses: { 204: { description: 'Noted' }, 400: problem('bad-input'), ...denied },
    },
  },
  '/api/rollcall/{channel}/calls': {
    post: {
      operationId: 'openCall',
      summary: 'Opens a call: it is heard now, in the teacher’s own time (teacher)',
      ...{ security, parameters: [channel] },
      requestBody: body(ref('Question')),
      responses: {
        201: ok('The call', ref('Call')),
        400: problem('bad-input'),
        409: problem('call-open'),
        503: problem('ledger-unavailable, ledger-not-durable'),
        ...denied,
      },
    },
  },
  '/api/rollcall/{channel}/calls/{callId}': {
    get: {
      operationId: 'getCall',
      summary: 'One call; for a teacher with its counts',
      ...{ security, parameters: [channel, callId] },
      responses: { 200: ok('The call', ref('Call')), ...denied },
    },
    patch: {
      operationId: 'changeCall',
      summary: 'Ends a call, or gives it another window (teacher)',
      ...{ security, parameters: [channel, callId] },
      requestBody: body({
        oneOf: [
          { type: 'object', required: ['close'], properties: { close: { const: true } } },
          { type: 'object', required: ['windowMs'], properties: { windowMs: { type: 'integer' } } },
        ],
      }),
      responses: {
        200: ok('The call', ref('Call')),
        400: problem('bad-input'),
        409: problem('call-over'),
        ...denied,
      },
    },
  },
  '/api/rollcall/{channel}/calls/{callId}/answers': {
    post: {
      operationId: 'answerCall',
      summary: 'Answers a call; the ack comes when the answer is durable (student)',
      ...{ security, parameters: [channel, callId] },
      requestBody: body({
        type: 'object',
        required: ['answerId', 'tapProgramTimeMs', 'latencyMs'],
        properties: {
          answerId: { type: 'string', pattern: '^[A-Za-z0-9_-]{8,64}$' },
          ...{ value, tapProgramTimeMs: ms, latencyMs: { type: 'number' }, stalled: { type: 'boolean' } },
        },
      }),
      responses: {
        200: ok('The ack', {
          type: 'object',
          required: ['type', 'callId', 'answerId', 'status', 'duplicate'],
          properties: { status, duplicate: { type: 'boolean' } },
        }),
        400: problem('bad-input, bad-answer, bad-claim'),
        409: problem('too-early, call-over, answer-id-taken'),
        503: problem('ledger-unavailable, with Retry-After'),
        ...denied,
      },
    },
  },
  '/api/rollcall/{channel}/calls/{callId}/students': {
    get: {
      operationId: 'listStudents',
      summary: 'Who answered and who is missing, a page at a time (teacher)',
      security,
      parameters: [
        ...[channel, callId],
        queryParameter('show', 'all when left out', {
          enum: ['all', 'missing', 'present', 'late', 'replay'],
        }),
        queryParameter('from', 'How many to pass over', { type: 'integer', minimum: 0 }),
        queryParameter('count', '50 when left out', { type: 'integer', minimum: 1, maximum: 200 }),
      ],
      responses: { 200: ok('A page', { type: 'object' }), 400: problem('bad-input'), ...denied },
    },
  },
  '/api/rollcall/{channel}/calls/{callId}/answers.csv': {
    get: {
      operationId: 'exportAnswers',
      summary: 'Everybody’s answer for a spreadsheet (teacher)',
      ...{ security, parameters: [channel, callId] },
      responses: { 200: csv('UTF-8 with a byte order mark'), ...denied },
    },
  },
  '/api/rollcall/{channel}/roster': {
    get: {
      operationId: 'getRoster',
      summary: 'Who is expected in the class (teacher)',
      ...{ security, parameters: [channel] },
      responses: { 200: ok('The roster', { type: 'object' }), ...denied },
    },
    put: {
      operationId: 'putRoster',
      summary: 'Puts a roster in place of the one before; an empty one for none (teacher)',
      ...{ security, parameters: [channel] },
      requestBody: {
        required: true,
        content: {
          'text/csv': { schema: { type: 'string', description: 'id,name,group; or names alone' } },
          ...json({ type: 'array', items: { type: 'object', required: ['id', 'name'] } }),
        },
      },
      responses: { 200: ok('Its size', { type: 'object' }), 400: problem('bad-input'), ...denied },
    },
  },
  ...Object.fromEntries(
    (
      [
        ['attendance', 'getLessonAttendance', ok('The attendance', { type: 'object' })],
        ['attendance.csv', 'exportLessonAttendance', csv('UTF-8 with a byte order mark')],
      ] as const
    ).map(([name, operationId, found]) => [
      `/api/rollcall/{channel}/${name}`,
      {
        get: {
          operationId,
          summary: 'A lesson’s answers over all its calls, and minutes really watched (teacher)',
          security,
          parameters: [
            channel,
            queryParameter('broadcast', 'The newest lesson when left out', { type: 'string' }),
          ],
          responses: { 200: found, ...denied, 404: problem('unknown-channel, no-attendance') },
        },
      },
    ]),
  ),
  '/api/channels/{channel}/marks': {
    get: {
      operationId: 'listMarks',
      summary: 'Where the roll was called lately',
      parameters: [
        channel,
        queryParameter('fromMs', 'UTC milliseconds', { type: 'integer' }),
        queryParameter('toMs', 'UTC milliseconds', { type: 'integer' }),
      ],
      responses: { 200: ok('Marks, oldest first', { type: 'object' }), 404: problem('unknown-channel') },
    },
  },
  '/api/channels/{channel}/marks/{id}': {
    put: {
      operationId: 'putMark',
      summary: 'Enters in the streams where the roll was called (teacher, operator, worker)',
      ...{ security, parameters: [channel, broadcastId] },
      requestBody: body(ref('Mark')),
      responses: {
        200: ok('The broadcast that it lies in', { type: 'object' }),
        400: problem('bad-input'),
        ...denied,
      },
    },
  },
  '/api/channels/{channel}/broadcasts/{id}/attendance': {
    get: {
      operationId: 'getAttendance',
      summary: 'Who was in a broadcast, as it was kept with it (teacher)',
      ...{ security, parameters: [channel, broadcastId] },
      responses: {
        200: ok('The attendance', { type: 'object' }),
        ...denied,
        404: problem('unknown-broadcast, no-attendance'),
      },
    },
    put: {
      operationId: 'putAttendance',
      summary: 'Keeps who was in a broadcast with it (teacher, operator, worker)',
      ...{ security, parameters: [channel, broadcastId] },
      requestBody: body({ type: 'object' }),
      responses: { 204: { description: 'Kept' }, 400: problem('bad-input'), ...denied },
    },
  },
  '/api/ingest/{channel}/publish': {
    get: {
      operationId: 'getPublishAddress',
      summary: 'Where and with what key to publish (teacher)',
      ...{ security, parameters: [channel] },
      responses: {
        200: ok('Server and stream key', { type: 'object', required: ['server', 'streamKey'] }),
        400: problem('bad-host'),
        ...denied,
      },
    },
  },
};

/** Schemas of {@link rollCallPaths}. */
export const rollCallSchemas = {
  Question: {
    type: 'object',
    required: ['kind', 'prompt'],
    properties: {
      kind,
      prompt: { type: 'string', maxLength: 200 },
      choices: { type: 'array', minItems: 2, maxItems: 6, items: { type: 'string', maxLength: 80 } },
      windowMs: {
        type: 'integer',
        description: 'How long a student has from when she hears it, milliseconds',
      },
      graceMs: { type: 'integer', description: 'How long answers are taken after that, milliseconds' },
    },
  },
  Call: {
    type: 'object',
    required: ['callId', 'kind', 'prompt', 'atProgramTimeMs', 'windowMs', 'graceMs', 'phase', 'broadcast'],
    properties: {
      callId: { type: 'string' },
      ...{ kind, prompt: { type: 'string' }, choices: { type: 'array', items: { type: 'string' } } },
      ...{ atProgramTimeMs: ms, windowMs: { type: 'number' }, graceMs: { type: 'number' } },
      phase: { enum: ['open', 'grace', 'over'] },
      broadcast: { type: ['string', 'null'] },
      tally: { type: 'object', description: 'Counts, for teachers' },
    },
  },
  Mark: {
    type: 'object',
    required: ['kind', 'atMs', 'endMs', 'label'],
    properties: {
      kind,
      atMs: ms,
      endMs: { ...ms, type: ['number', 'null'] },
      label: { type: 'string', maxLength: 500 },
    },
  },
};
