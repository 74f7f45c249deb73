import { z } from 'zod';
import { type ApiContent, apiRoute } from '../../../shared/openapi/api-route.ts';
import { channelParam, queryInteger } from '../../../shared/openapi/parameters.ts';
import { broadcastChange, broadcastSchema } from '../../broadcasts/broadcast-record.ts';

/** Parameters in the path of a broadcast. */
export const broadcastParams = {
  channel: channelParam,
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .meta({ description: 'Broadcast id' }),
};

/** Broadcasts of one page. */
export const PAGE_MOST = 200;

const words = (description: string) => z.string().max(200).optional().meta({ description });
const number = (description: string) => queryInteger(0, 1e15).optional().meta({ description });
const nullablePath = (description: string) => z.string().nullable().meta({ description });

/** A broadcast in the API's form: its record, and what follows from it. */
export const broadcastView = broadcastSchema
  .omit({ deletedMs: true, isErased: true, recovered: true })
  .extend({
    durationMs: z
      .number()
      .meta({ description: 'What a replay lasts, milliseconds; so far, while it is on air' }),
    replay: nullablePath('Path of its multivariant playlist; null while it is on air'),
    download: nullablePath('Path of the MP4 file; null while it is on air'),
    poster: nullablePath('Path of a JPEG; null while there is none'),
    storyboard: nullablePath('Path of WebVTT; null while there is none'),
  })
  .meta({ id: 'Broadcast' });

/** See {@link broadcastView}. */
export type BroadcastView = Readonly<z.output<typeof broadcastView>>;

const LIBRARY_LOADING = 'library-loading';
const common = { access: 'viewers', params: broadcastParams } as const;

/** A browser's download, or an image of a page, has no Authorization header: the token may be in the query. */
const token = z
  .string()
  .max(4096)
  .optional()
  .meta({ description: 'In place of a header, which a browser does not send for pictures and downloads' });
const tokenQuery = z.strictObject({ token });

/** `GET /api/broadcasts`. */
export const findBroadcasts = apiRoute({
  ...{ method: 'get', path: '/api/broadcasts', operationId: 'findBroadcasts', access: 'viewers' },
  summary: 'The broadcasts that match, newest first, a page at a time',
  query: z.strictObject({
    channel: words('Channel id'),
    grade: number('Grade'),
    subject: words('Subject, as it is written'),
    teacher: words('Teacher, as it is written'),
    from: number('Began at or after, UTC milliseconds'),
    to: number('Began before, UTC milliseconds'),
    q: words('Words that occur in title, teacher, subject, channel or grade, as people type them'),
    limit: number(`How many, at most ${PAGE_MOST}; 50 when left out`),
    after: words('The next of the page before'),
    facets: z.enum(['yes', 'no']).optional().meta({ description: '"no" leaves the facets out' }),
  }),
  responses: {
    200: {
      description: 'A page of broadcasts',
      schema: z
        .object({
          broadcasts: z.array(broadcastView),
          next: z.string().nullable().meta({ description: 'To be sent as after; null on the last page' }),
          facets: z
            .object({
              grades: z.array(z.int()),
              subjects: z.array(z.string()),
              teachers: z.array(z.string()),
            })
            .optional(),
        })
        .meta({ id: 'BroadcastPage' }),
    },
  },
  refusals: { 400: ['bad-input'], 503: [LIBRARY_LOADING, 'library-busy', 'origin-full'] },
});

/** `GET /api/channels/{channel}/broadcasts/{id}`. */
export const getBroadcast = apiRoute({
  ...common,
  ...{ method: 'get', path: '/api/channels/{channel}/broadcasts/{id}', operationId: 'getBroadcast' },
  summary: 'One broadcast',
  responses: { 200: { description: 'The broadcast', schema: broadcastView } },
  refusals: { 404: ['unknown-broadcast'], 503: [LIBRARY_LOADING] },
});

/** `PATCH /api/channels/{channel}/broadcasts/{id}`. */
export const patchBroadcast = apiRoute({
  ...{
    method: 'patch',
    path: '/api/channels/{channel}/broadcasts/{id}',
    operationId: 'changeBroadcast',
    params: broadcastParams,
  },
  access: ['teacher', 'operator'],
  summary: 'Renames, trims or protects a broadcast',
  body: { description: 'What to change', schema: broadcastChange.meta({ id: 'BroadcastChange' }) },
  responses: { 200: { description: 'The broadcast as it is stored now', schema: broadcastView } },
  refusals: {
    400: ['bad-input', 'bad-trim'],
    404: ['unknown-broadcast'],
    503: [LIBRARY_LOADING, 'store-unavailable'],
  },
});

/** `DELETE /api/channels/{channel}/broadcasts/{id}`. */
export const removeBroadcast = apiRoute({
  ...{
    method: 'delete',
    path: '/api/channels/{channel}/broadcasts/{id}',
    operationId: 'deleteBroadcast',
    params: broadcastParams,
  },
  access: ['teacher', 'operator'],
  summary: 'Removes a broadcast from the library, and its media from the store a minute later',
  responses: { 204: { description: 'Deleted' } },
  refusals: {
    404: ['unknown-broadcast'],
    409: ['broadcast-on-air'],
    503: [LIBRARY_LOADING, 'store-unavailable'],
  },
});

const file = (description: string, type: string): ApiContent => ({
  description,
  types: [type],
  schema: null,
});

/** `GET /api/channels/{channel}/broadcasts/{id}/video.mp4`. */
export const downloadBroadcast = apiRoute({
  ...common,
  ...{
    method: 'get',
    path: '/api/channels/{channel}/broadcasts/{id}/video.mp4',
    operationId: 'downloadBroadcast',
  },
  summary: 'A broadcast as one MP4 file, with Range; nothing is encoded again',
  query: z.strictObject({
    rendition: words('Which picture; the best when left out, "audio" for sound alone'),
    token,
  }),
  responses: {
    200: file('The file, with an ETag for If-Range', 'video/mp4'),
    206: file('A range of it', 'video/mp4'),
    416: { description: 'No byte of it is in the range' },
  },
  refusals: {
    400: ['bad-input'],
    404: ['unknown-broadcast', 'nothing-recorded', 'unknown-rendition'],
    409: ['broadcast-on-air'],
    503: [LIBRARY_LOADING, 'too-many-downloads', 'store-unavailable'],
  },
});

const pictures = {
  ...common,
  method: 'get',
  query: tokenQuery,
  refusals: {
    400: ['bad-input'],
    404: ['unknown-broadcast', 'no-storyboard'],
    503: [LIBRARY_LOADING, 'store-unavailable'],
  },
} as const;

/** `GET /api/channels/{channel}/broadcasts/{id}/storyboard.vtt`. */
export const getStoryboard = apiRoute({
  ...pictures,
  ...{ path: '/api/channels/{channel}/broadcasts/{id}/storyboard.vtt', operationId: 'getStoryboard' },
  summary: 'Small pictures of a broadcast for a seek bar: WebVTT, each cue a place in a sheet (#xywh=)',
  responses: { 200: file('WebVTT', 'text/vtt') },
});

/** `GET /api/channels/{channel}/broadcasts/{id}/poster.jpg`. */
export const getPoster = apiRoute({
  ...pictures,
  ...{ path: '/api/channels/{channel}/broadcasts/{id}/poster.jpg', operationId: 'getPoster' },
  method: 'get',
  summary: 'One picture of a broadcast',
  responses: { 200: file('JPEG', 'image/jpeg') },
});

/** `GET /api/channels/{channel}/broadcasts/{id}/storyboard-{sheet}.jpg`. */
export const getStoryboardSheet = apiRoute({
  ...pictures,
  path: '/api/channels/{channel}/broadcasts/{id}/storyboard-{sheet}.jpg',
  ...{ method: 'get', operationId: 'getStoryboardSheet' },
  params: { ...broadcastParams, sheet: z.string().regex(/^\d{1,2}$/) },
  summary: 'A sheet of small pictures that the storyboard names',
  responses: { 200: file('JPEG', 'image/jpeg') },
});
