import { z } from 'zod';
import { AWAITED } from '../shared/awaited-media.ts';
import { type ApiRoute, apiRoute } from '../shared/openapi/api-route.ts';
import { channelParam, utcMs } from '../shared/openapi/parameters.ts';

const params = { channel: channelParam };

const publisher = z
  .object({
    channel: z.string(),
    publish: z
      .object({
        broadcast: z.string(),
        remote: z.string().meta({ description: 'Address of the publisher' }),
        epochOffsetMs: utcMs
          .nullable()
          .meta({ description: 'UTC of RTMP timestamp 0; null until the broadcast starts' }),
        video: z
          .object({
            codec: z.enum(['h264', 'hevc', 'av1']),
            width: z.int(),
            height: z.int(),
            frameRate: z.number(),
            pixelAspect: z
              .object({ horizontal: z.int(), vertical: z.int() })
              .optional()
              .meta({ description: 'Width of a pixel to its height; left out when they are square' }),
            notPlayed: z.string().optional().meta({
              description:
                'What keeps browsers from playing the pictures as they are, so that they are always encoded: `HDR`, `interlaced`, `10 bits`, `4:2:2`',
            }),
          })
          .nullable(),
        audio: z.object({ codec: z.string(), sampleRateHz: z.int(), channels: z.int() }).nullable(),
        aside: z
          .array(z.string())
          .meta({ description: 'Tracks that are not on air, of a publisher with several: `sound track 1`' }),
        lineLagMs: z
          .object({ picture: z.number().nullable(), sound: z.number().nullable() })
          .meta({ description: 'How late media arrives: age of the newest frame, milliseconds' }),
        readers: z.int().meta({ description: 'Transcode workers that read it' }),
        droppedReaders: z.int(),
        frameRate: z.number().nullable(),
        gopLengthS: z
          .number()
          .nullable()
          .meta({ description: 'Time between the last two keyframes, seconds' }),
        videoBps: z.number(),
        audioBps: z.number(),
        clockDriftPpm: z
          .number()
          .nullable()
          .meta({ description: 'Rate of the publisher’s clock relative to the server’s' }),
        avSkewMs: z
          .number()
          .nullable()
          .meta({ description: 'How much later sound arrives than its picture' }),
        bFrames: z.boolean(),
        awaited: z.array(z.enum(AWAITED)).meta({
          description:
            'Kinds of media that have not come yet (`first-…`), or not for 5 s; empty when both come',
        }),
        onAirS: z.number(),
        receivedBytes: z.int(),
      })
      .nullable()
      .meta({ description: 'Null while nobody publishes' }),
    refused: z
      .object({
        reason: z
          .string()
          .meta({ description: 'Such as no-transcoder, unsupported-video, no-keyframe, taken-over' }),
        agoMs: z.number().meta({ description: 'How long ago, milliseconds' }),
      })
      .nullable()
      .meta({ description: 'The last publisher that the server closed, or that had a wrong key' }),
  })
  .meta({ id: 'Publisher' });

/** `GET /api/ingest`. */
export const listPublishers = apiRoute({
  ...{ method: 'get', path: '/api/ingest', operationId: 'listPublishers', access: ['operator'] },
  summary: 'All channels with their publishers, and statistics of sound and picture',
  responses: { 200: { description: 'Publishers', schema: z.object({ channels: z.array(publisher) }) } },
});

/** `GET /api/ingest/{channel}`. */
export const getPublisher = apiRoute({
  ...{
    method: 'get',
    path: '/api/ingest/{channel}',
    operationId: 'getPublisher',
    access: ['teacher', 'operator'],
  },
  summary: 'Who publishes to a channel, with statistics of sound and picture',
  params,
  responses: { 200: { description: 'The publisher', schema: publisher } },
  refusals: { 404: ['unknown-channel'] },
});

/** `GET /api/ingest/{channel}/publish`. */
export const getPublishAddress = apiRoute({
  ...{ method: 'get', path: '/api/ingest/{channel}/publish', operationId: 'getPublishAddress' },
  access: ['teacher', 'operator'],
  summary: 'Where and with what key to publish',
  params,
  responses: {
    200: {
      description: 'Server and stream key',
      schema: z.object({ server: z.string(), streamKey: z.string() }),
    },
  },
  refusals: { 400: ['bad-host'], 404: ['unknown-channel'] },
});

/** Ingest's part of the HTTP interface, for the OpenAPI document. */
export const INGEST_ROUTES: readonly ApiRoute[] = [listPublishers, getPublisher, getPublishAddress];
