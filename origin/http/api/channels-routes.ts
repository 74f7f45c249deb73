import { z } from 'zod';
import { AWAITED } from '../../../shared/awaited-media.ts';
import { encodingPlanSchema, feedReportSchema } from '../../../shared/feed-report.ts';
import { apiRoute } from '../../../shared/openapi/api-route.ts';
import { channelParam, utcMs } from '../../../shared/openapi/parameters.ts';
import { STAGES } from '../../../shared/stage-lags.ts';

const awaited = z.array(z.enum(AWAITED)).meta({
  description:
    'What the teacher’s encoder has not sent yet (`first-…`), or not for 5 s; empty when both kinds come. Off air it is both `first-…` while an encoder is connected that sends nothing, and empty otherwise',
});
const params = { channel: channelParam };

/** A channel, as the API answers. */
export const channelSummary = z
  .object({
    id: z.string(),
    title: z.string(),
    grade: z.int().min(1).max(12).optional(),
    subject: z.string().optional(),
    teacher: z.string().optional(),
    language: z.string().meta({ description: 'BCP 47' }),
    latency: z.enum(['fast', 'steady', 'broad']),
    partTargetMs: z.number().meta({ description: 'Part target duration, milliseconds' }),
    state: z.enum(['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded']),
    sinceMs: utcMs,
    broadcast: z
      .object({ id: z.string(), startMs: utcMs })
      .nullable()
      .meta({ description: 'The broadcast on air, to watch it from its start; null where there is none' }),
    lateMs: z.number().nullable().meta({
      description: 'Age of the newest part of the latest rendition, milliseconds; null while off air',
    }),
    awaited,
    plan: encodingPlanSchema
      .pick({ level: true, name: true, tracks: true, away: true })
      .nullable()
      .meta({ id: 'PlanSummary', description: 'Null while off air, and while no transcode worker reports' }),
  })
  .meta({ id: 'Channel' });
/** See {@link channelSummary}. */
export type ChannelSummary = Readonly<z.output<typeof channelSummary>>;

const ageMs = z.number().nullable();

/** How late a class on air is, as the API answers. */
const airStatus = z
  .object({
    lateMs: ageMs.meta({ description: 'Age of the newest part of the latest rendition, milliseconds' }),
    lagMs: z
      .object(Object.fromEntries(STAGES.map((stage) => [stage, ageMs])))
      .meta({ description: 'Lag by stage: age of the newest frame that has passed it, milliseconds' }),
    renditionsMs: z
      .record(z.string(), ageMs)
      .meta({ description: 'Age of the newest part by rendition, milliseconds' }),
    fault: z
      .object({ stage: z.enum(STAGES), excessMs: z.number() })
      .nullable()
      .meta({ description: 'The stage that adds most beyond its normal share; null where none stands out' }),
    awaited,
    plan: encodingPlanSchema.nullable().meta({ description: 'Null while no transcode worker reports' }),
  })
  .nullable()
  .meta({ description: 'Null while no broadcast is on air' });

const feedStatus = z
  .object({
    id: z.string(),
    kind: z.string(),
    onAir: z.boolean(),
    connected: z.boolean().meta({ description: 'At least one of its tracks has a connection' }),
    alive: z.boolean().meta({ description: 'False when it ended, or has been silent for too long' }),
    lagMs: z.int().meta({ description: 'How far its media time is behind the clock, milliseconds' }),
    tracks: z.array(
      z.object({
        name: z.string(),
        codec: z.string().meta({ description: 'RFC 6381' }),
        widthPx: z.int(),
        heightPx: z.int(),
        frameRate: z.number(),
        headMs: utcMs.nullable(),
      }),
    ),
    report: feedReportSchema
      .nullable()
      .meta({ description: 'What its transcode worker reported last; null where it has not for 5 s' }),
  })
  .meta({ id: 'Feed' });

/** `GET /api/time`. */
export const getTime = apiRoute({
  ...{ method: 'get', path: '/api/time', operationId: 'getTime', access: 'anyone' },
  summary: 'The origin’s clock, as DASH’s UTCTiming http-iso wants it',
  responses: { 200: { description: 'UTC', types: ['text/plain'], schema: z.iso.datetime() } },
});

/** `GET /api/channels`. */
export const listChannels = apiRoute({
  ...{ method: 'get', path: '/api/channels', operationId: 'listChannels', access: 'viewers' },
  summary:
    'The channels that the sender may watch, and what is on air in them; for operators with lag and plans',
  query: z.object({
    detail: z
      .enum(['lag'])
      .optional()
      .meta({ description: 'Adds `air` to each channel; needs the token of an operator' }),
  }),
  responses: {
    200: {
      description: 'Channels in the order of the configuration',
      schema: z
        .object({
          serverTimeMs: utcMs,
          channels: z.array(
            channelSummary.extend({ air: airStatus.optional() }).meta({ id: 'ListedChannel' }),
          ),
        })
        .meta({ id: 'ChannelList' }),
    },
  },
  refusals: {
    400: ['bad-input'],
    503: ['origin-full'],
  },
});

/** `GET /api/channels/{channel}`. */
export const getChannel = apiRoute({
  ...{ method: 'get', path: '/api/channels/{channel}', operationId: 'getChannel', access: 'viewers' },
  summary: 'One channel',
  params,
  responses: { 200: { description: 'The channel', schema: channelSummary } },
  refusals: { 404: ['unknown-channel'] },
});

/** `GET /api/channels/{channel}/feeds`. */
export const listFeeds = apiRoute({
  ...{ method: 'get', path: '/api/channels/{channel}/feeds', operationId: 'listFeeds' },
  access: ['teacher', 'operator'],
  summary: 'The feeds that compete for a channel',
  params,
  responses: {
    200: {
      description: 'Feeds, and which of them is on air',
      schema: z
        .object({
          channel: z.string(),
          onAir: z
            .string()
            .nullable()
            .meta({ description: 'Id of the feed on air; null before the first segment' }),
          air: airStatus,
          feeds: z.array(feedStatus),
        })
        .meta({ id: 'FeedList' }),
    },
  },
  refusals: { 404: ['unknown-channel'] },
});
