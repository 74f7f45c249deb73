import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { AppError, describeError } from '../../../shared/errors.ts';
import { sendError } from '../../../shared/http-errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type FeedName, isTrackId, parseFeedName } from '../../../shared/names.ts';
import { authorize } from '../../../shared/token.ts';
import type { Channels } from '../../live/channels.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { ChunkSplitter } from '../../packager/cmaf/chunk-splitter.ts';
import { parseChunk } from '../../packager/cmaf/fragment.ts';
import { parseInit } from '../../packager/cmaf/init-segment.ts';
import type { FeedEnding } from '../../packager/feed/feed.ts';
import type { TrackInit } from '../../packager/media.ts';

/** A push that is not of the form we take. */
export class PushError extends AppError {}

/** What the push endpoint needs. */
export type PushDeps = {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secret: string;
  /** Counts bytes taken and pushes refused. */
  onBytes(count: number): void;
  onRefused(code: string): void;
};

/** A push under way on one track of one feed. */
type Push = { readonly req: IncomingMessage; readonly res: ServerResponse };

/** Request header in which a sender names all tracks that it is going to open, separated by commas. */
export const TRACKS_HEADER = 'lectern-tracks';
/** Trailer that says how a feed ended: `over` or `interrupted`. A body that ends cleanly without it is over. */
export const ENDING_TRAILER = 'lectern-ending';
const MAX_TRACKS_ANNOUNCED = 12;

/**
 * `POST /ingest/{channel}/{feed}/{track}`: CMAF chunks from uplinks and hardware encoders, as one long chunked body
 * (DASH-IF Live Media Ingest Protocol, interface 1). The init segment comes first, and again after each reconnect.
 */
export class PushHandler {
  readonly #deps: PushDeps;
  readonly #open = new Map<string, Push>();

  constructor(deps: PushDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a push; answers 200 when its body has ended cleanly.
   *
   * @param parts path segments behind `/ingest/`
   */
  handle(req: IncomingMessage, res: ServerResponse, parts: readonly string[]): void {
    try {
      this.#accept(req, res, parts);
    } catch (error) {
      this.#refuse(req, res, parts.join('/'), error);
    }
  }

  /** Breaks all pushes; their senders come again elsewhere, or later. */
  stop(): void {
    for (const { req } of this.#open.values()) req.destroy();
  }

  #accept(
    req: IncomingMessage,
    res: ServerResponse,
    [channelId = '', feedText = '', track = '', ...rest]: readonly string[],
  ): void {
    const { secret, clock, channels } = this.#deps;
    if (req.method !== 'POST' && req.method !== 'PUT') {
      throw new PushError(`${req.method ?? ''}: want POST or PUT`, {
        code: 'method-not-allowed',
        status: 405,
        allow: 'POST, PUT',
      });
    }
    authorize(secret, req.headers.authorization, channelId, ['encoder'], clock.nowMs());
    const feed = parseFeedName(feedText);
    if (!isTrackId(track) || rest.length > 0) {
      throw new PushError(`track ${JSON.stringify(track.slice(0, 40))}: want a-z, 0-9 and "-"`, {
        code: 'bad-track',
        status: 400,
      });
    }
    const announced = announcedTracks(req.headers[TRACKS_HEADER]);
    this.#take(req, res, { channelId, channel: channels.open(channelId), feed, track, announced });
  }

  #take(
    req: IncomingMessage,
    res: ServerResponse,
    target: {
      channelId: string;
      channel: LiveChannel;
      feed: FeedName;
      track: string;
      announced: readonly string[];
    },
  ): void {
    const { channel, channelId, feed, track, announced } = target;
    const { clock } = this.#deps;
    const key = `${channelId}/${feed.id}/${track}`;
    // A sender that comes back before its broken connection has timed out takes over from it.
    this.#open.get(key)?.req.destroy();
    const push = { req, res };
    this.#open.set(key, push);
    const splitter = new ChunkSplitter();
    let init: TrackInit | null = null;
    let ending: FeedEnding | null = null;
    let isOver = false;

    const fail = (error: unknown): void => {
      isOver = true;
      this.#refuse(req, res, key, error);
    };
    req.on('data', (bytes: Buffer) => {
      if (isOver) return;
      this.#deps.onBytes(bytes.length);
      try {
        const nowMs = clock.nowMs();
        let changed = false;
        for (const piece of splitter.push(bytes)) {
          if (piece.kind === 'init') {
            init = parseInit(piece.bytes, piece.offsetBytes);
            channel.timeline.openTrack(feed, track, init, announced, nowMs);
          } else if (init !== null) {
            changed =
              channel.timeline.push(
                feed.id,
                track,
                parseChunk(piece.bytes, init, piece.offsetBytes),
                nowMs,
              ) || changed;
          }
        }
        if (changed) channel.advance(nowMs);
      } catch (error) {
        fail(error);
      }
    });
    req.on('end', () => {
      if (isOver) return;
      try {
        splitter.finish();
      } catch (error) {
        fail(error);
        return;
      }
      ending = req.trailers[ENDING_TRAILER] === 'interrupted' ? 'interrupted' : 'over';
      res.writeHead(200, { 'Content-Length': 0 });
      res.end();
    });
    req.on('error', () => {
      // 'close' follows and says it.
    });
    req.on('close', () => {
      if (this.#open.get(key) !== push) return;
      this.#open.delete(key);
      channel.timeline.closeTrack(feed.id, track, ending);
      channel.advance(clock.nowMs());
    });
  }

  #refuse(req: IncomingMessage, res: ServerResponse, place: string, error: unknown): void {
    const code = error instanceof AppError ? error.code : 'internal';
    this.#deps.onRefused(code);
    this.#deps.logger.warn(
      { place, code, error: describeError(error) },
      `push to ${place} refused: ${describeError(error)}`,
    );
    // The rest of the body is not wanted; what was said of it has to get out first.
    res.once('finish', () => req.destroy());
    res.shouldKeepAlive = false;
    sendError(res, error);
  }
}

function announcedTracks(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const names = String(header)
    .split(',')
    .map((name) => name.trim());
  if (names.length > MAX_TRACKS_ANNOUNCED || !names.every(isTrackId)) {
    throw new PushError(`header ${TRACKS_HEADER}: want up to ${MAX_TRACKS_ANNOUNCED} track names`, {
      code: 'bad-track',
      status: 400,
    });
  }
  return names;
}
