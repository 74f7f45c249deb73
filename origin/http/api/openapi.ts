import { broadcastPaths, broadcastSchemas } from './openapi-broadcasts.ts';
import { rollCallPaths, rollCallSchemas } from './openapi-roll-call.ts';

/** A place in an OpenAPI document that points to a schema. */
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const ok = (description: string, schema: object) => ({ description, content: json(schema) });
const problem = (description: string) => ok(description, ref('Problem'));
const channelParameter = {
  name: 'channel',
  in: 'path',
  required: true,
  description: 'Channel id',
  schema: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' },
};

/** The OpenAPI 3.1 document of all that is served under `/api`, at `/api/openapi.json`. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Lectern',
    version: '0.1.0',
    summary: 'Channels, the state of classes and of publishers.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  paths: {
    '/api/time': {
      get: {
        operationId: 'getTime',
        summary: 'The origin’s clock, as DASH’s UTCTiming http-iso wants it',
        responses: {
          200: {
            description: 'UTC',
            content: { 'text/plain': { schema: { type: 'string', format: 'date-time' } } },
          },
        },
      },
    },
    '/api/channels': {
      get: {
        operationId: 'listChannels',
        summary: 'All channels, and what is on air in them',
        responses: { 200: ok('Channels in the order of the configuration', ref('ChannelList')) },
      },
    },
    '/api/channels/{channel}': {
      get: {
        operationId: 'getChannel',
        summary: 'One channel',
        parameters: [channelParameter],
        responses: { 200: ok('The channel', ref('Channel')), 404: problem('unknown-channel') },
      },
    },
    '/api/channels/{channel}/feeds': {
      get: {
        operationId: 'listFeeds',
        summary: 'The feeds that compete for a channel',
        security: [{ token: [] }],
        parameters: [channelParameter],
        responses: {
          200: ok('Feeds, and which of them is on air', ref('FeedList')),
          401: problem('no-token, bad-token, expired-token'),
          403: problem('forbidden'),
          404: problem('unknown-channel'),
        },
      },
    },
    '/api/ingest': {
      get: {
        operationId: 'listPublishers',
        summary: 'Everyone who publishes now, with statistics of sound and picture',
        security: [{ token: [] }],
        responses: {
          200: ok('Publishers', { type: 'object' }),
          401: problem('no-token, bad-token, expired-token'),
          403: problem('forbidden'),
        },
      },
    },
    '/api/ingest/{channel}': {
      get: {
        operationId: 'getPublisher',
        summary: 'Who publishes to a channel, with statistics of sound and picture',
        security: [{ token: [] }],
        parameters: [channelParameter],
        responses: {
          200: ok('The publisher', { type: 'object' }),
          401: problem('no-token, bad-token, expired-token'),
          403: problem('forbidden'),
          404: problem('unknown-channel'),
        },
      },
    },
    ...broadcastPaths,
    ...rollCallPaths,
    '/api/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document',
        responses: { 200: ok('OpenAPI 3.1', { type: 'object' }) },
      },
    },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: {
      Channel: {
        type: 'object',
        required: ['id', 'title', 'language', 'latency', 'partTargetMs', 'state', 'sinceMs', 'broadcast'],
        properties: {
          id: { type: 'string' },
          title: { type: 'string' },
          grade: { type: 'integer', minimum: 1, maximum: 12 },
          subject: { type: 'string' },
          teacher: { type: 'string' },
          language: { type: 'string', description: 'BCP 47' },
          latency: { enum: ['fast', 'steady', 'broad'] },
          partTargetMs: { type: 'number', description: 'Part target duration, milliseconds' },
          state: { enum: ['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded'] },
          sinceMs: { type: 'number', description: 'UTC milliseconds' },
          broadcast: {
            type: ['object', 'null'],
            description: 'What is on air, for who wants to watch it from its start',
            required: ['id', 'startMs'],
            properties: { id: { type: 'string' }, startMs: { type: 'number' } },
          },
        },
      },
      ChannelList: {
        type: 'object',
        required: ['serverTimeMs', 'channels'],
        properties: { serverTimeMs: { type: 'number' }, channels: { type: 'array', items: ref('Channel') } },
      },
      ...broadcastSchemas,
      ...rollCallSchemas,
      FeedList: {
        type: 'object',
        required: ['channel', 'onAir', 'feeds'],
        properties: {
          channel: { type: 'string' },
          onAir: {
            type: ['string', 'null'],
            description: 'Id of the feed on air; null before the first segment',
          },
          feeds: {
            type: 'array',
            items: {
              type: 'object',
              required: ['id', 'kind', 'onAir', 'connected', 'alive', 'lagMs', 'tracks'],
              properties: {
                id: { type: 'string' },
                kind: { type: 'string' },
                onAir: { type: 'boolean' },
                connected: { type: 'boolean' },
                alive: { type: 'boolean' },
                lagMs: { type: 'integer', description: 'How far its media time is behind the clock' },
                tracks: { type: 'array', items: { type: 'object' } },
              },
            },
          },
        },
      },
      Problem: {
        type: 'object',
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            required: ['code', 'message'],
            properties: { code: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
} as const;
