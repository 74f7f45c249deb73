import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { AppError, describeError } from '../../../shared/errors.ts';
import { sendError } from '../../../shared/http-errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { isTrackId, parseFeedName } from '../../../shared/names.ts';
import { SparingLogs } from '../../../shared/sparing-logs.ts';
import { authorize } from '../../../shared/token.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import type { TrackEnding } from '../../packager/feed/feed-liveness.ts';
import { PushError } from './push-error.ts';
import { announcedTracks, endingOf } from './push-headers.ts';
import { takeReport } from './report-handler.ts';
import { type ChannelIntake, type PushTarget, TrackIntake } from './track-intake.ts';

/** What the push endpoint needs. */
export type PushDeps = {
  /**
   * Opens a channel.
   *
   * @throws {ChannelError} `unknown-channel` (404)
   */
  channel(id: string): ChannelIntake & Pick<LiveChannel, 'takeReport' | 'encoderConnected'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secret: string;
  /** Counts the bytes that were received. */
  onBytes(count: number): void;
  /** Counts the pushes that were refused. */
  onRefused(code: string): void;
};

/** Shortest time between two lines of one code, milliseconds: anybody may be refused as often as she likes. */
const LOG_EVERY_MS = 1000;
/** Longest place that is logged, in characters. */
const PLACE_LENGTH = 200;

/** A push in progress. */
type Push = { readonly req: IncomingMessage; readonly res: ServerResponse };

/**
 * `POST /ingest/{channel}/{feed}/{track}`: CMAF chunks from uplinks and hardware encoders, as one long chunked body
 * (DASH-IF Live Media Ingest Protocol, interface 1). The init segment comes first, and again after each reconnect.
 *
 * `PUT /ingest/{channel}/{feed}`: the report of a transcode worker, see {@link takeReport}.
 *
 * `PUT /ingest/{channel}`: ingest says that an encoder is connected and has sent nothing that could go on air. Answers 204.
 */
export class PushHandler {
  readonly #deps: PushDeps;
  /** By `{channel}/{feed}/{track}`: one connection each. */
  readonly #pushes = new Map<string, Push>();
  /** By code of the refusal. */
  readonly #logs: SparingLogs;

  constructor(deps: PushDeps) {
    this.#deps = deps;
    this.#logs = new SparingLogs(deps.logger, LOG_EVERY_MS, () => deps.clock.nowMs());
  }

  /**
   * Takes a request below `/ingest/`; answers 200 when its body has ended cleanly.
   *
   * @returns false for any other path
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/ingest/')) return false;
    const parts = path.split('/').slice(2);
    try {
      this.#accept(req, res, parts);
    } catch (error) {
      this.#refuse(req, res, parts.join('/'), error);
    }
    return true;
  }

  /** Breaks the connections of all pushes; their senders reconnect here later, or elsewhere. */
  stop(): void {
    for (const { req } of this.#pushes.values()) req.destroy();
  }

  #accept(
    req: IncomingMessage,
    res: ServerResponse,
    [channelId = '', feedText = '', track = '', ...rest]: readonly string[],
  ): void {
    const { secret, clock } = this.#deps;
    if (req.method !== 'POST' && req.method !== 'PUT') {
      throw new PushError(`${req.method ?? ''}: want POST or PUT`, {
        code: 'method-not-allowed',
        status: 405,
        allow: 'POST, PUT',
      });
    }
    authorize(secret, req.headers.authorization, channelId, ['encoder'], clock.nowMs());
    if (feedText === '' && rest.length === 0 && req.method === 'PUT') {
      this.#deps.channel(channelId).encoderConnected(clock.nowMs());
      req.resume();
      res.writeHead(204).end();
      return;
    }
    const feed = parseFeedName(feedText);
    if (track === '' && rest.length === 0 && req.method === 'PUT') {
      const channel = this.#deps.channel(channelId);
      takeReport(
        req,
        res,
        (report) => channel.takeReport(feed.id, report, clock.nowMs()),
        (error) => sendError(res, error),
      );
      return;
    }
    if (!isTrackId(track) || rest.length > 0) {
      throw new PushError(`track ${JSON.stringify(track.slice(0, 40))}: want a-z, 0-9 and "-"`, {
        code: 'bad-track',
        status: 400,
      });
    }
    const announced = announcedTracks(req);
    const channel = this.#deps.channel(channelId);
    this.#receive({ req, res }, `${channelId}/${feed.id}/${track}`, { channel, feed, track, announced });
  }

  #receive(push: Push, key: string, target: PushTarget): void {
    const { req, res } = push;
    const { clock, onBytes } = this.#deps;
    // A sender that reconnects before its broken connection has timed out replaces it.
    this.#pushes.get(key)?.req.destroy();
    this.#pushes.set(key, push);
    const intake = new TrackIntake(target);
    let ending: TrackEnding | null = null;
    let isRefused = false;

    const refuse = (error: unknown): void => {
      isRefused = true;
      this.#refuse(req, res, key, error);
    };
    req.on('data', (bytes: Buffer) => {
      if (isRefused) return;
      onBytes(bytes.length);
      try {
        intake.write(bytes, clock.nowMs());
      } catch (error) {
        refuse(error);
      }
    });
    req.on('end', () => {
      if (isRefused) return;
      try {
        intake.end();
      } catch (error) {
        refuse(error);
        return;
      }
      ending = endingOf(req);
      res.writeHead(200, { 'Content-Length': 0 });
      res.end();
    });
    req.on('error', () => {
      // 'close' follows.
    });
    req.on('close', () => {
      if (this.#pushes.get(key) !== push) return;
      this.#pushes.delete(key);
      intake.close(ending, clock.nowMs());
    });
  }

  #refuse(req: IncomingMessage, res: ServerResponse, place: string, error: unknown): void {
    const code = error instanceof AppError ? error.code : 'internal';
    this.#deps.onRefused(code);
    const [shown, why] = [place.slice(0, PLACE_LENGTH), describeError(error)];
    this.#logs.of(code).warn({ place: shown, code, error: why }, `push to ${shown} refused: ${why}`);
    // The rest of the body is not read; the answer has to be sent before the connection is closed.
    res.once('finish', () => req.destroy());
    res.shouldKeepAlive = false;
    sendError(res, error);
  }
}
