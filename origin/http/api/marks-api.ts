import express, { type Router } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { authorize } from '../../../shared/token.ts';
import type { CutParts } from '../../broadcasts/cut-parts.ts';
import type { Channels } from '../../live/channels.ts';
import type { ChannelMarks } from '../../marks/channel-marks.ts';
import type { StoredMark } from '../../marks/mark.ts';
import type { PlaybackAccess } from '../playback/playback-access.ts';
import { readInput } from '../../../shared/openapi/read-input.ts';
import { listMarks, putMark } from './marks-routes.ts';
import { ReadAccess } from './read-access.ts';

/** What the API of marks needs. */
export type MarksApiDeps = {
  readonly channels: Channels;
  readonly marks: ChannelMarks;
  readonly clock: Clock;
  readonly playback: PlaybackAccess;
  /** What was cut off recordings; null where there is no archive. */
  readonly cuts: Pick<CutParts, 'touches'> | null;
  /**
   * Stores a mark with the broadcast that it lies in.
   *
   * @returns that broadcast; null where there is none
   * @throws {StoreError} `store-unavailable` (503): the streams have the mark already; it is to be sent again
   */
  store(channel: string, mark: StoredMark): Promise<{ readonly id: string; readonly startMs: number } | null>;
};

/** Makes the API of marks: the roll call stores them, and viewers may read them. */
export function createMarksApi({ channels, marks, clock, playback, cuts, store }: MarksApiDeps): Router {
  const router = express.Router();
  const readers = new ReadAccess(playback, clock);

  mountRoute(router, putMark, express.json({ limit: '16kb' }), (req, res, fail) => {
    const { channel } = req.params;
    const nowMs = clock.nowMs();
    authorize(playback.secret, req.headers.authorization, channel, putMark.access, nowMs);
    channels.config(channel);
    const id = readInput(putMark.params.id, req.params.id, 'id');
    const mark = marks.put(channel, { id, ...readInput(putMark.body.schema, req.body, 'mark') }, nowMs);
    channels.ifOpen(channel)?.setMarks(marks.of(channel));
    store(channel, mark)
      .then((broadcast) => res.set('Cache-Control', 'no-store').json({ channel, id, broadcast }))
      .catch(fail);
  });

  mountRoute(router, listMarks, (req, res) => {
    const { channel } = req.params;
    readers.check(req, res, channel);
    channels.config(channel);
    const isWhole = readers.wholeFor(req)(channel);
    const isCut = (atMs: number): boolean =>
      !isWhole && cuts?.touches(channel, { fromMs: atMs, toMs: atMs + 1 }) === true;
    const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = readInput(listMarks.query, req.query, 'query');
    const listed = marks
      .of(channel)
      .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs && !isCut(atMs))
      .map(({ ask: _ask, ...mark }) => mark);
    readers.allow(res, 1, isWhole);
    res.json({ marks: listed });
  });

  return router;
}
