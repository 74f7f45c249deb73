import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { backgroundTurns } from '../../../shared/background-turns.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { ProblemLog } from '../../../shared/problem-log.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { authorize } from '../../../shared/token.ts';
import {
  type BroadcastRecord,
  BroadcastError,
  changeBroadcast,
  deleteBroadcast,
  durationMs,
  replayRange,
} from '../../broadcasts/broadcast-record.ts';
import type { BroadcastLibrary } from '../../broadcasts/broadcast-library.ts';
import type { CutParts } from '../../broadcasts/cut-parts.ts';
import { readCursor } from '../../broadcasts/broadcast-query.ts';
import { shownBroadcast } from '../../broadcasts/shown-broadcast.ts';
import { renderStoryboard, showsCutPart, type Storyboard } from '../../storyboard/storyboard.ts';
import type { Storyboards } from '../../storyboard/storyboards.ts';
import type { PlaybackAccess } from '../playback/playback-access.ts';
import type { DownloadHandler } from './download-handler.ts';
import { badInput, readInput } from '../../../shared/openapi/read-input.ts';
import {
  type BroadcastView,
  downloadBroadcast,
  findBroadcasts,
  getBroadcast,
  getPoster,
  getStoryboard,
  getStoryboardSheet,
  PAGE_MOST,
  patchBroadcast,
  removeBroadcast,
} from './broadcasts-routes.ts';
import { ReadAccess } from './read-access.ts';

/** What the library's API works with. */
export type BroadcastsApiDeps = {
  readonly library: BroadcastLibrary;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly playback: PlaybackAccess;
  readonly cuts: Pick<CutParts, 'changed'>;
  readonly downloads: DownloadHandler;
  readonly storyboards: Storyboards;
};

/** How long a picture is cached, in seconds: it may show what a teacher is about to cut off. */
const PICTURE_MAX_AGE_S = 600;

/**
 * Creates the API of the library: search broadcasts, and change them.
 *
 * Reading requires a token where playback does; changing requires that of a teacher of the channel, or of an operator.
 *
 * @returns a router to be mounted at the root
 */
export function createBroadcastsApi(deps: BroadcastsApiDeps): Router {
  const { library, clock, playback, cuts, downloads, storyboards } = deps;
  const router = express.Router();
  const problems = new ProblemLog(deps.logger, () => clock.nowMs());
  const sendError = (res: ServerResponse, error: unknown): void => {
    problems.send(res, (res.req.url ?? '').split('?', 1)[0] ?? '', error);
  };
  const readers = new ReadAccess(playback, clock);
  /** A browser's download has no Authorization header: the token may be in the query. */
  const mayReadByAddress = (
    req: IncomingMessage & Pick<Request, 'query'>,
    res: Response,
    channel: string,
  ) => {
    const { token } = readInput(downloadBroadcast.query, req.query, 'query');
    return readers.checkByAddress(req, res, channel, token);
  };
  const mayChange = (req: Pick<Request, 'headers'>, channel: string): void => {
    authorize(playback.secret, req.headers.authorization, channel, ['teacher', 'operator'], clock.nowMs());
  };

  mountRoute(router, findBroadcasts, (req, res) => {
    const wanted = readInput(findBroadcasts.query, req.query, 'query');
    const claims = readers.check(req, res, wanted.channel ?? '*');
    const isWhole = readers.wholeFor(req);
    // A token for one channel tells nothing of the rest of the school.
    const facetsOf = claims === null || claims.channel === '*' ? undefined : claims.channel;
    const after = wanted.after === undefined ? null : readCursor(wanted.after);
    if (wanted.after !== undefined && after === null) {
      throw badInput(`after=${wanted.after.slice(0, 80)}: want the value of \`next\` in the page before`);
    }
    const limit = Math.min(Math.max(wanted.limit ?? 50, 1), PAGE_MOST);
    const sent = library.find(wanted, after, limit).then(({ broadcasts, next }) =>
      backgroundTurns.run('library', () => {
        const nowMs = clock.nowMs();
        readers.allow(
          res,
          1,
          broadcasts.some(({ channel }) => isWhole(channel)),
        );
        res.json({
          broadcasts: broadcasts.map((broadcast) => describe(broadcast, nowMs, isWhole(broadcast.channel))),
          next,
          ...(wanted.facets === 'no' ? {} : { facets: library.facets(facetsOf) }),
        });
      }),
    );
    sent.catch((error: unknown) => sendError(res, error));
  });

  mountRoute(router, getBroadcast, (req, res) => {
    const { channel, id } = req.params;
    readers.check(req, res, channel);
    const isWhole = readers.wholeFor(req)(channel);
    readers.allow(res, 1, isWhole);
    res.json(describe(library.getOrThrow(channel, id), clock.nowMs(), isWhole));
  });

  mountRoute(router, downloadBroadcast, (req, res) => {
    const { channel, id } = req.params;
    mayReadByAddress(req, res, channel);
    const { rendition } = readInput(downloadBroadcast.query, req.query, 'query');
    const broadcast = library.getOrThrow(channel, id);
    downloads.send(req, res, broadcast, rendition ?? null).catch((error: unknown) => {
      sendError(res, error);
    });
  });

  mountRoute(router, getStoryboard, (req, res) => {
    const { channel, id } = req.params;
    mayReadByAddress(req, res, channel);
    const broadcast = library.getOrThrow(channel, id);
    const sent = shownStoryboard(broadcast).then((storyboard) => {
      const lastsMs = durationMs(broadcast, clock.nowMs());
      const text = renderStoryboard(storyboard, broadcast, lastsMs, (sheet) => `storyboard-${sheet}.jpg`);
      readers.allow(res, 30);
      res.type('text/vtt').send(text);
    });
    sent.catch((error: unknown) => sendError(res, error));
  });

  mountRoute(router, getPoster, (req, res) => {
    const { channel, id } = req.params;
    mayReadByAddress(req, res, channel);
    const broadcast = library.getOrThrow(channel, id);
    sendPicture(res, broadcast, () => storyboards.poster(channel, id));
  });

  mountRoute(router, getStoryboardSheet, (req, res) => {
    const { channel, id, sheet } = req.params;
    mayReadByAddress(req, res, channel);
    const broadcast = library.getOrThrow(channel, id);
    if (!getStoryboardSheet.params.sheet.safeParse(sheet).success) throw noStoryboard(id);
    sendPicture(res, broadcast, () => storyboards.sheet(channel, id, Number(sheet)));
  });

  mountRoute(router, patchBroadcast, express.json({ limit: '16kb' }), (req, res) => {
    const { channel, id } = req.params;
    mayChange(req, channel);
    const wanted = readInput(patchBroadcast.body.schema, req.body, 'body');
    const done = library
      .change(channel, id, (broadcast) => changeBroadcast(broadcast, wanted))
      .then((changed) => {
        cuts.changed(channel);
        // Its pictures are drawn anew, without what was cut off.
        if (wanted.trimStartMs !== undefined || wanted.trimEndMs !== undefined) storyboards.request(changed);
        res.set('Cache-Control', 'no-store').json(describe(changed, clock.nowMs(), true));
      });
    done.catch((error: unknown) => sendError(res, error));
  });

  mountRoute(router, removeBroadcast, (req, res) => {
    const { channel, id } = req.params;
    mayChange(req, channel);
    // Its media is deleted when housekeeping finds the record marked as deleted.
    const done = library
      .change(channel, id, (broadcast) => deleteBroadcast(broadcast, clock.nowMs()))
      .then(() => {
        cuts.changed(channel);
        res.set('Cache-Control', 'no-store').status(204).end();
      });
    done.catch((error: unknown) => sendError(res, error));
  });

  /**
   * The storyboard of a broadcast, unless it shows what has been cut off since: then it is drawn anew.
   *
   * @throws {BroadcastError} `no-storyboard` (404)
   */
  const shownStoryboard = async (broadcast: BroadcastRecord): Promise<Storyboard> => {
    const { channel, id } = broadcast;
    const storyboard = await storyboards.find(channel, id);
    if (storyboard === null) throw noStoryboard(id);
    if (!showsCutPart(storyboard, broadcast)) return storyboard;
    storyboards.request(broadcast);
    throw noStoryboard(id);
  };
  const sendPicture = (
    res: Response,
    broadcast: BroadcastRecord,
    read: () => Promise<Buffer | null>,
  ): void => {
    const isCut = broadcast.trimStartMs !== undefined || broadcast.trimEndMs !== undefined;
    const sent = (isCut ? shownStoryboard(broadcast).then(read) : read()).then((bytes) => {
      if (bytes === null) throw noStoryboard(broadcast.id);
      readers.allow(res, PICTURE_MAX_AGE_S);
      res.type('image/jpeg').send(bytes);
    });
    sent.catch((error: unknown) => sendError(res, error));
  };

  router.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => sendError(res, error));
  return router;
}

/**
 * A broadcast in the API's form: its record, and what follows from it.
 *
 * @param isWhole with what was cut off
 */
function describe(record: BroadcastRecord, nowMs: number, isWhole: boolean): BroadcastView {
  const broadcast = isWhole ? record : shownBroadcast(record);
  const { recovered: _recovered, ...shown } = broadcast;
  const { channel, id } = shown;
  const range = replayRange(broadcast);
  const folder = `/api/channels/${channel}/broadcasts/${id}`;
  return {
    ...shown,
    durationMs: durationMs(broadcast, nowMs),
    replay: range === null ? null : `/replay/${channel}/${range.fromMs}-${range.toMs}/index.m3u8`,
    download: range === null ? null : `${folder}/video.mp4`,
    poster: broadcast.hasStoryboard === true ? `${folder}/poster.jpg` : null,
    storyboard: broadcast.hasStoryboard === true && range !== null ? `${folder}/storyboard.vtt` : null,
  };
}

function noStoryboard(id: string): BroadcastError {
  return new BroadcastError(`broadcast ${id} has no such picture`, { code: 'no-storyboard', status: 404 });
}
