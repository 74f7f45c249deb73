/** A place in an OpenAPI document that points to a schema. */
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const ok = (description: string, schema: object) => ({ description, content: json(schema) });
const problem = (description: string) => ok(description, ref('Problem'));
const timeMs = { type: 'integer', minimum: 0, description: 'UTC milliseconds' };
const inPath = (name: string, description: string) => ({
  ...{ name, in: 'path', required: true, description },
  schema: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' },
});
const inQuery = (name: string, description: string, schema: object) => ({
  ...{ name, in: 'query', required: false, description, schema },
});
const parameters = [inPath('channel', 'Channel id'), inPath('id', 'Broadcast id')];
const token = inQuery(
  'token',
  'In place of a header, which a browser does not send for pictures and downloads',
  {
    type: 'string',
  },
);
const storeAway = {
  ...problem('store-unavailable, library-loading: nothing is changed'),
  headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
};
const refusals = {
  401: problem('no-token, bad-token, expired-token'),
  403: problem('forbidden'),
  404: problem('unknown-broadcast, nothing-recorded, no-storyboard'),
  503: problem('library-loading, while it is read after a start'),
};

/** The library's paths, for the OpenAPI document. */
export const broadcastPaths = {
  '/api/broadcasts': {
    get: {
      operationId: 'findBroadcasts',
      summary: 'Broadcasts that fit, newest first, a page at a time',
      parameters: [
        inQuery('channel', 'Channel id', { type: 'string' }),
        inQuery('grade', 'Grade', { type: 'integer' }),
        inQuery('subject', 'Subject, as it is written', { type: 'string' }),
        inQuery('teacher', 'Teacher, as it is written', { type: 'string' }),
        inQuery('from', 'Began at or after', timeMs),
        inQuery('to', 'Began before', timeMs),
        inQuery('q', 'Words that stand in title, teacher, subject or channel', { type: 'string' }),
        inQuery('limit', 'How many', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
        inQuery('after', 'What stood in next of the page before', { type: 'string' }),
        inQuery('facets', 'no leaves facets out', { enum: ['yes', 'no'] }),
      ],
      responses: {
        200: ok('A page of broadcasts', ref('BroadcastPage')),
        400: problem('bad-input'),
        401: problem('no-token, bad-token, expired-token, where access is by token'),
        403: problem('forbidden'),
        503: problem('library-loading, while it is read after a start'),
      },
    },
  },
  '/api/channels/{channel}/broadcasts/{id}': {
    get: {
      operationId: 'getBroadcast',
      summary: 'One broadcast',
      parameters,
      responses: { 200: ok('The broadcast', ref('Broadcast')), ...refusals },
    },
    patch: {
      operationId: 'changeBroadcast',
      summary: 'Renames, trims or keeps a broadcast',
      security: [{ token: [] }],
      parameters,
      requestBody: { required: true, content: json(ref('BroadcastChange')) },
      responses: {
        200: ok('The broadcast as it is in the store now', ref('Broadcast')),
        400: problem('bad-input, bad-trim'),
        ...refusals,
        503: storeAway,
      },
    },
    delete: {
      operationId: 'deleteBroadcast',
      summary: 'Takes a broadcast out of the library, and its media out of the store a minute later',
      security: [{ token: [] }],
      parameters,
      responses: {
        204: { description: 'Deleted' },
        409: problem('broadcast-on-air'),
        ...refusals,
        503: storeAway,
      },
    },
  },
  '/api/channels/{channel}/broadcasts/{id}/video.mp4': {
    get: {
      operationId: 'downloadBroadcast',
      summary: 'A broadcast as one MP4 file, with Range; nothing is encoded anew',
      parameters: [
        ...parameters,
        inQuery('rendition', 'Which picture; the best when left out, audio for sound alone', {
          type: 'string',
        }),
        token,
      ],
      responses: {
        200: {
          description: 'The file, with an ETag that is good for If-Range',
          content: { 'video/mp4': {} },
        },
        206: { description: 'A range of it', content: { 'video/mp4': {} } },
        409: problem('broadcast-on-air'),
        416: { description: 'No byte of it is in the range' },
        ...refusals,
        503: problem('library-loading, too-many-downloads, store-unavailable'),
      },
    },
  },
  '/api/channels/{channel}/broadcasts/{id}/storyboard.vtt': {
    get: {
      operationId: 'getStoryboard',
      summary: 'Small pictures of a broadcast for a seek bar: WebVTT, each cue a place in a sheet (#xywh=)',
      parameters: [...parameters, token],
      responses: { 200: { description: 'WebVTT', content: { 'text/vtt': {} } }, ...refusals },
    },
  },
  '/api/channels/{channel}/broadcasts/{id}/poster.jpg': {
    get: {
      operationId: 'getPoster',
      summary: 'One picture of a broadcast',
      parameters: [...parameters, token],
      responses: { 200: { description: 'JPEG', content: { 'image/jpeg': {} } }, ...refusals },
    },
  },
};

const about = {
  title: { type: 'string', minLength: 1, maxLength: 200 },
  teacher: { type: 'string', maxLength: 100 },
  subject: { type: 'string', maxLength: 100 },
  grade: { type: 'integer', minimum: 1, maximum: 12 },
  keep: { type: 'boolean', description: 'Retention passes it over' },
};
const span = {
  type: 'object',
  required: ['startMs', 'endMs'],
  properties: { startMs: timeMs, endMs: timeMs },
};

/** The library's schemas, for the OpenAPI document. */
export const broadcastSchemas = {
  Broadcast: {
    type: 'object',
    required: ['id', 'channel', 'title', 'language', 'startMs', 'endMs', 'gaps', 'keep', 'durationMs'],
    properties: {
      ...about,
      id: { type: 'string' },
      channel: { type: 'string' },
      language: { type: 'string', description: 'BCP 47' },
      startMs: timeMs,
      endMs: { ...timeMs, type: ['integer', 'null'], description: 'null while it is on air' },
      gaps: {
        type: 'array',
        items: span,
        description: 'When nothing of it was on air, since its teacher’s line was down',
      },
      trimStartMs: timeMs,
      trimEndMs: timeMs,
      durationMs: { type: 'integer', description: 'What a replay lasts, milliseconds; so far, while on air' },
      replay: { type: ['string', 'null'], description: 'Path of its playlist; null while it is on air' },
      poster: { type: ['string', 'null'], description: 'Path of a JPEG; null while there is none' },
      storyboard: { type: ['string', 'null'], description: 'Path of WebVTT; null while there is none' },
      hasStoryboard: { type: 'boolean' },
      download: { type: ['string', 'null'], description: 'Path of the MP4 file; null while it is on air' },
    },
  },
  BroadcastChange: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...about,
      trimStartMs: { type: ['integer', 'null'], description: 'null takes the trim away' },
      trimEndMs: { type: ['integer', 'null'], description: 'null takes the trim away' },
    },
  },
  BroadcastPage: {
    type: 'object',
    required: ['broadcasts', 'next'],
    properties: {
      broadcasts: { type: 'array', items: ref('Broadcast') },
      next: { type: ['string', 'null'], description: 'To be given as after; null at the end' },
      facets: {
        type: 'object',
        properties: {
          grades: { type: 'array', items: { type: 'integer' } },
          subjects: { type: 'array', items: { type: 'string' } },
          teachers: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
};
