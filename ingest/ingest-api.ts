import { Router, type Request } from 'express';
import type { LecternConfig } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import { mountRoute } from '../shared/openapi/api-route.ts';
import { authorize } from '../shared/token.ts';
import type { SourceAudio, SourceVideo } from '../transcode/job.ts';
import { getPublishAddress, getPublisher, listPublishers } from './api-routes.ts';
import { IngestError } from './ingest-error.ts';
import type { Publishers } from './publish/publishers.ts';
import type { LineLag } from './publish/publication.ts';
import type { StatisticsView } from './publish/publish-statistics.ts';

/** A channel and its publisher, as the API answers. */
export type IngestView = {
  readonly channel: string;
  /** Null while nobody publishes. */
  readonly publish: PublishView | null;
  /** The last publisher that the server closed, or that had a wrong key; null where there was none. */
  readonly refused: { readonly reason: string; readonly agoMs: number } | null;
};

/** A publication: what was received since it was accepted. */
export type PublishView = StatisticsView & {
  readonly broadcast: string;
  readonly remote: string;
  /** Null until the broadcast started. */
  readonly epochOffsetMs: number | null;
  /** As they are now; null while there is none. */
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
  /** Tracks of a publisher with several that are not on air: `sound track 1`. */
  readonly aside: readonly string[];
  readonly lineLagMs: LineLag;
  readonly readers: number;
  readonly droppedReaders: number;
};

/**
 * Makes the router of `GET /api/ingest` (operator), `GET /api/ingest/{channel}` and `…/publish` (teacher or operator).
 *
 * Errors go to the next error handler: `no-token`, `bad-token`, `expired-token`, `forbidden`, `unknown-channel` (404),
 * `bad-host` (400).
 *
 * @param rtmpPort gives the port that RTMP listens on
 */
export function createIngestApi(
  config: LecternConfig,
  clock: Clock,
  publishers: Publishers,
  rtmpPort: () => number,
): Router {
  const router = Router();
  const check = (
    req: Pick<Request, 'headers'>,
    channel: string | null,
    roles: readonly ('teacher' | 'operator')[],
  ) => authorize(config.secret, req.headers.authorization, channel, roles, clock.nowMs());

  mountRoute(router, listPublishers, (req, res) => {
    check(req, null, listPublishers.access);
    const channels = config.channels.map(({ id }) => viewOf(id, publishers, clock.nowMs()));
    res.set('cache-control', 'no-store').json({ channels });
  });

  mountRoute(router, getPublisher, (req, res) => {
    const { channel } = req.params;
    check(req, channel, getPublisher.access);
    if (publishers.onAir(channel) === undefined) throw unknownChannel(channel);
    res.set('cache-control', 'no-store').json(viewOf(channel, publishers, clock.nowMs()));
  });

  mountRoute(router, getPublishAddress, (req, res) => {
    const { channel } = req.params;
    check(req, channel, getPublisher.access);
    const found = config.channels.find(({ id }) => id === channel);
    if (found === undefined) throw unknownChannel(channel);
    const server = config.rtmp.publicUrl ?? `rtmp://${hostOf(req.headers.host)}:${rtmpPort()}/live`;
    const streamKey = `${channel}?key=${encodeURIComponent(found.publishKey)}`;
    res.set('cache-control', 'no-store').json({ server, streamKey });
  });

  return router;
}

/** The host by which the teacher's browser reached this server; her encoder can use the same one. */
function hostOf(header: string | undefined): string {
  const host = /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.exec(header ?? '')?.[1];
  if (host !== undefined) return host;
  throw new IngestError(`Host header: want a host name or an address (or set rtmp.publicUrl)`, {
    code: 'bad-host',
    status: 400,
  });
}

function unknownChannel(channel: string): IngestError {
  return new IngestError(`no channel ${JSON.stringify(channel.slice(0, 64))}`, {
    code: 'unknown-channel',
    status: 404,
  });
}

function viewOf(channel: string, publishers: Publishers, nowMs: number): IngestView {
  const onAir = publishers.onAir(channel) ?? null;
  const last = publishers.lastRefusal(channel);
  const refused = last === null ? null : { reason: last.reason, agoMs: Math.max(0, nowMs - last.atMs) };
  if (onAir === null) return { channel, publish: null, refused };
  const { publication, remote } = onAir;
  const { started, media, source, statistics } = publication;
  const publish = {
    broadcast: publication.id,
    remote,
    epochOffsetMs: started?.epochOffsetMs ?? null,
    ...media,
    aside: publication.aside,
    lineLagMs: publication.lineLagMs(nowMs),
    readers: source?.readers ?? 0,
    droppedReaders: source?.droppedReaders ?? 0,
    ...statistics.view(nowMs),
  };
  return { channel, publish, refused };
}
