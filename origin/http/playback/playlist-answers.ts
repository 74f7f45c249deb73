import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { canonicalQuery, type Directives } from '../../packager/hls/directives.ts';
import { decideReload, reloadWindow } from '../../packager/hls/reload.ts';
import type { Exchange } from '../reply/exchange.ts';
import { MEDIA_TYPES } from '../reply/media-types.ts';
import { sendText } from '../reply/text-reply.ts';
import { unknownRendition } from '../../packager/unknown-rendition.ts';
import { nothingNew } from './playback-errors.ts';
import type { RequestBlocker } from './request-blocker.ts';

/** How long a text that changes while the channel is on air may be cached, in seconds. */
export const LIVE_MAX_AGE_S = 1;

/** Answers requests for the live playlists and manifests of a channel; blocks those for what is not there yet. */
export class PlaylistAnswers {
  readonly #blocker: RequestBlocker;
  readonly #clock: Clock;

  constructor(blocker: RequestBlocker, clock: Clock) {
    this.#blocker = blocker;
    this.#clock = clock;
  }

  /** Sends the multivariant playlist or the MPD, as soon as every rendition has a segment. */
  topLevel(channel: LiveChannel, kind: 'multivariant' | 'mpd', exchange: Exchange, nowMs: number): void {
    const body = kind === 'mpd' ? channel.mpd(nowMs) : channel.multivariant(nowMs);
    if (body === null) {
      const wait = {
        isOver: () => channel.view() !== null,
        answer: (blocked: Exchange) => this.topLevel(channel, kind, blocked, this.#clock.nowMs()),
      };
      this.#blocker.block(channel, kind, wait, exchange, nowMs);
      return;
    }
    const type = kind === 'mpd' ? MEDIA_TYPES.manifest : MEDIA_TYPES.playlist;
    sendText(exchange, type, LIVE_MAX_AGE_S, body);
  }

  /**
   * Sends a media playlist; with directives, as soon as it has what they name (RFC 8216bis §6.2.5.2).
   *
   * @throws {AppError} `unknown-rendition` (404), `directive-too-far` (400), `too-many-waiting` (503)
   */
  media(
    channel: LiveChannel,
    renditionId: string,
    wanted: Directives,
    exchange: Exchange,
    nowMs: number,
  ): void {
    if (channel.rendition(renditionId) === undefined)
      throw unknownRendition(`channel ${channel.settings.id}`, renditionId);
    // Most requests are for what is there: they need no decision.
    const isReady = wanted.number === null && channel.view() !== null;
    const decision = isReady ? 'ready' : decide(channel, renditionId, wanted, nowMs);
    if (decision === 'reject') {
      throw new AppError(`_HLS_msn=${wanted.number} lies too far ahead of ${renditionId}`, {
        code: 'directive-too-far',
        status: 400,
      });
    }
    if (decision === 'wait') {
      const wait = {
        isOver: () => decide(channel, renditionId, wanted, this.#clock.nowMs()) !== 'wait',
        answer: (blocked: Exchange) => sendMediaPlaylist(channel, renditionId, wanted, blocked),
      };
      this.#blocker.block(channel, `${renditionId}?${canonicalQuery(wanted)}`, wait, exchange, nowMs);
      return;
    }
    sendMediaPlaylist(channel, renditionId, wanted, exchange);
  }
}

function decide(
  channel: LiveChannel,
  renditionId: string,
  wanted: Directives,
  nowMs: number,
): 'ready' | 'wait' | 'reject' {
  const view = channel.view();
  const rendition = view?.renditions.find(({ id }) => id === renditionId);
  if (view === null || rendition === undefined) return 'wait';
  return decideReload(reloadWindow(view, rendition, nowMs), wanted);
}

function sendMediaPlaylist(
  channel: LiveChannel,
  renditionId: string,
  wanted: Directives,
  exchange: Exchange,
): void {
  const body = channel.mediaPlaylist(renditionId, wanted.skip);
  if (body === null) throw nothingNew();
  // The answer to a request with directives is the same whenever it is sent; any other changes with the next part.
  const maxAgeS = wanted.number === null ? LIVE_MAX_AGE_S : 6 * channel.settings.targetDurationS;
  sendText(exchange, MEDIA_TYPES.playlist, maxAgeS, body);
}
