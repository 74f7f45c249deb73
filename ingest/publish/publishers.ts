import type { LecternConfig } from '../../config/schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { describeError } from '../../shared/errors.ts';
import type { JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../../transcode/job.ts';
import { Publication, type PublicationStep } from './publication.ts';
import { newBroadcastId } from './broadcast-id.ts';
import type { SourceStream, SourceEnding } from '../source/source-stream.ts';
import type { SourceStreams } from '../source/source-streams.ts';
import { countRefusal, type IngestMetrics } from '../ingest-metrics.ts';
import { keyMatches, parsePublishName } from './publish-key.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RefusalReason, RtmpSession, SessionEvents } from '../rtmp/rtmp-session.ts';
import { FREE_SEAT, seatArrive, seatDeadlineMs, seatLeave, seatMedia, seatTime, type Seat } from './seat.ts';
import type { SeatStep } from './seat.ts';

/** What {@link Publishers} works with. */
export type PublishersDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly queue: JobQueue<TranscodeJob>;
  readonly sources: SourceStreams;
  readonly readsEnhanced: boolean;
  /** Where transcode workers reach this ingest, without a slash at its end. */
  publicUrl(): string;
};

/** A publisher on a channel, for the API. */
export type OnAir = { readonly remote: string; readonly publication: Publication };

/** Never repeats the stream name: a typing error such as `hall-7&key=…` puts the key into it. */
const UNKNOWN_CHANNEL = 'no such channel: want the channel, a question mark and its key';

/**
 * A publisher may be this far ahead of real time before its socket is paused (TCP then slows it down). Origins reject media
 * that is 10 s ahead; the difference leaves room for what was read before the pause.
 */
const MAX_AHEAD_MS = 8000;
/** Longest single pause; shorter than any `rtmp.takeoverMs`. */
const MAX_PAUSE_MS = 100;
/** Number of checks for a reader within `rtmp.transcoderWaitMs`. */
const READER_CHECKS = 10;

type ChannelState = {
  readonly id: string;
  readonly publishKey: string;
  seat: Seat;
  onAir: (OnAir & { readonly session: RtmpSession }) | null;
  /** End of the last broadcast in media time, UTC milliseconds. */
  mediaEndMs: number;
  seatTimer: NodeJS.Timeout | null;
  probeTimer: NodeJS.Timeout | null;
  readerTimer: NodeJS.Timeout | null;
};

/**
 * The publishers of all channels: checks keys, decides who holds each channel's seat, and turns what the accepted publisher sends
 * into a publication, a source stream and a transcode job.
 */
export class Publishers implements SessionEvents {
  readonly #deps: PublishersDeps;
  readonly #channels = new Map<string, ChannelState>();
  /** Every session whose key was right, by session id: the holder of the seat and the one that waits for it. */
  readonly #authorized = new Map<string, { readonly session: RtmpSession; readonly state: ChannelState }>();

  constructor(deps: PublishersDeps) {
    this.#deps = deps;
    for (const { id, publishKey } of deps.config.channels) {
      const timers = { seatTimer: null, probeTimer: null, readerTimer: null };
      this.#channels.set(id, { id, publishKey, seat: FREE_SEAT, onAir: null, mediaEndMs: 0, ...timers });
    }
  }

  /** The publisher of a channel; null when there is none, undefined when the channel is unknown. */
  onAir(channel: string): OnAir | null | undefined {
    return this.#channels.get(channel)?.onAir;
  }

  /** Handles a `publish` command. The key is checked before anything of the session is stored. */
  publish(session: RtmpSession, app: string, streamName: string): void {
    if (app.replace(/\/+$/, '') !== 'live') {
      session.refuse('unknown-app', 'publish to rtmp://…/live');
      return;
    }
    const { channel, keys } = parsePublishName(streamName);
    const state = this.#channels.get(channel);
    // Keys are compared for unknown channels too: otherwise the response time would tell which channels exist.
    const matches = keyMatches(keys, state?.publishKey ?? '');
    if (state === undefined) session.refuse('unknown-channel', UNKNOWN_CHANNEL);
    else if (!matches) session.refuse('wrong-key', `wrong key for channel ${state.id}`);
    else this.#arrive(session, state);
  }

  /** Handles a media or data message. Messages of sessions that are not on air are ignored. */
  message(session: RtmpSession, message: RtmpMessage): void {
    const state = this.#authorized.get(session.id)?.state;
    if (state === undefined || state.onAir?.session !== session) return;
    const nowMs = this.#deps.clock.nowMs();
    if (message.kind !== 'data') {
      this.#deps.metrics.receivedBytes.inc(message.payload.length);
      this.#apply(state, seatMedia(state.seat, session.id, nowMs));
    }
    const { onAir } = state;
    this.#follow(state, onAir, onAir.publication.take(message, nowMs));
    this.#pace(state, onAir, nowMs);
  }

  /** Handles the end of a session. If it was on air, its publication ends. */
  gone(session: RtmpSession, clean: boolean): void {
    const state = this.#authorized.get(session.id)?.state;
    if (state === undefined) return;
    this.#authorized.delete(session.id);
    if (state.onAir?.session === session) this.#takeOff(state, clean ? 'over' : 'interrupted');
    this.#apply(state, seatLeave(state.seat, session.id, this.#deps.clock.nowMs()));
  }

  /** Counts and logs a refusal. `detail` never contains a key. */
  refused(session: RtmpSession, reason: RefusalReason, detail: string): void {
    countRefusal(this.#deps.metrics, reason);
    const channel = this.#authorized.get(session.id)?.state.id;
    const fields = { remote: session.remote, reason, ...(channel === undefined ? {} : { channel }) };
    this.#deps.logger.warn(fields, `connection closed: ${detail}`);
  }

  #arrive(session: RtmpSession, state: ChannelState): void {
    this.#authorized.set(session.id, { session, state });
    const step = seatArrive(state.seat, session.id, this.#deps.clock.nowMs());
    if (step.admit === null) session.hold();
    this.#apply(state, step);
  }

  /** Carries out a decision about the seat. The new seat is stored first, because closing a session calls back into this object. */
  #apply(state: ChannelState, step: SeatStep): void {
    if (step.seat === state.seat) return;
    state.seat = step.seat;
    this.#refuseSession(step.refuse, 'already-live', `channel ${state.id} is live already`);
    this.#refuseSession(
      step.close,
      'taken-over',
      `no media for ${this.#takeoverMs} ms, and another publisher with the key connected`,
    );
    if (step.admit !== null) this.#admit(state, step.admit);
    this.#watchSeat(state);
  }

  #refuseSession(id: string | null, reason: RefusalReason, detail: string): void {
    if (id !== null) this.#authorized.get(id)?.session.refuse(reason, detail);
  }

  #admit(state: ChannelState, id: string): void {
    const session = this.#authorized.get(id)?.session;
    if (session === undefined) return;
    const { clock, logger, readsEnhanced, metrics } = this.#deps;
    const nowMs = clock.nowMs();
    const options = { notBeforeMs: state.mediaEndMs, readsEnhanced };
    const publication = new Publication(newBroadcastId(nowMs), nowMs, options);
    state.onAir = { session, remote: session.remote, publication };
    metrics.publishers.inc();
    logger.info(
      { channel: state.id, broadcast: publication.id, remote: session.remote },
      'publisher accepted',
    );
    session.accept();
  }

  #takeOff(state: ChannelState, how: SourceEnding): void {
    const { onAir } = state;
    if (onAir === null) return;
    state.onAir = null;
    if (state.probeTimer !== null) clearTimeout(state.probeTimer);
    state.probeTimer = null;
    if (state.readerTimer !== null) clearInterval(state.readerTimer);
    state.readerTimer = null;
    state.mediaEndMs = Math.max(state.mediaEndMs, onAir.publication.mediaEndMs);
    onAir.publication.end(how);
    this.#deps.sources.remove(state.id, onAir.publication.id);
    this.#deps.metrics.publishers.dec();
    this.#deps.logger.info(
      { channel: state.id, broadcast: onAir.publication.id },
      `the publisher left: broadcast ${how}`,
    );
  }

  /** Pauses a publisher that is too far ahead of real time until it is not. */
  #pace(state: ChannelState, onAir: OnAir & { readonly session: RtmpSession }, nowMs: number): void {
    const tooFarMs = onAir.publication.aheadMs(nowMs) - MAX_AHEAD_MS;
    if (tooFarMs <= 0) return;
    onAir.session.pause(Math.min(tooFarMs, MAX_PAUSE_MS), () => {
      const thenMs = this.#deps.clock.nowMs();
      // While its socket is paused a publisher cannot prove that it is alive, so the pause counts as activity.
      this.#apply(state, seatMedia(state.seat, onAir.session.id, thenMs));
      this.#pace(state, onAir, thenMs);
    });
  }

  /** While a second publisher waits: checks the seat again when the holder's silence may have reached `takeoverMs`. */
  #watchSeat(state: ChannelState): void {
    if (state.seatTimer !== null) clearTimeout(state.seatTimer);
    state.seatTimer = null;
    const dueMs = seatDeadlineMs(state.seat, this.#takeoverMs);
    if (dueMs === null) return;
    // setImmediate: data that arrived while this process was busy is read before the holder counts as silent.
    const check = () => this.#apply(state, seatTime(state.seat, this.#deps.clock.nowMs(), this.#takeoverMs));
    const checkAgain = () => {
      check();
      if (state.seat.waiting !== null) this.#watchSeat(state);
    };
    state.seatTimer = setTimeout(
      () => setImmediate(checkAgain),
      Math.max(1, dueMs - this.#deps.clock.nowMs()),
    );
  }

  #follow(
    state: ChannelState,
    onAir: OnAir & { readonly session: RtmpSession },
    step: PublicationStep,
  ): void {
    if (step.kind === 'refuse') {
      onAir.session.refuse('unsupported-media', step.reason, 'NetStream.Publish.Rejected');
    } else if (step.kind === 'wait' && step.untilMs !== null && state.probeTimer === null) {
      const waitMs = Math.max(1, step.untilMs - this.#deps.clock.nowMs());
      state.probeTimer = setTimeout(() => {
        state.probeTimer = null;
        if (state.onAir === onAir)
          this.#follow(state, onAir, onAir.publication.checkTime(this.#deps.clock.nowMs()));
      }, waitMs);
    } else if (step.kind === 'start') {
      this.#start(state, onAir, step.started);
    }
  }

  #start(
    state: ChannelState,
    { session, publication }: OnAir & { readonly session: RtmpSession },
    started: (PublicationStep & { kind: 'start' })['started'],
  ): void {
    const { queue, sources, logger } = this.#deps;
    const { id, source } = publication;
    const sourceUrl = `${this.#deps.publicUrl()}/feeds/${state.id}/${id}.flv`;
    const fields = { channel: state.id, broadcast: id };
    logger.info({ ...fields, ...started }, 'broadcast on air');
    if (source !== null) {
      sources.add(state.id, id, source);
      this.#watchReaders(state, session, source);
    }
    queue.add(id, { ...fields, sourceUrl, ...started }).catch((error: unknown) => {
      logger.error({ ...fields, error: describeError(error) }, 'the transcode job could not be queued');
      session.refuse('no-transcoder', 'the server cannot transcode now', 'NetStream.Publish.Rejected');
    });
  }

  /** Refuses a publisher whose source no worker reads for `transcoderWaitMs`: the encoder reconnects, which queues a new job. */
  #watchReaders(state: ChannelState, session: RtmpSession, source: SourceStream): void {
    const { transcoderWaitMs } = this.#deps.config.rtmp;
    let unread = 0;
    state.readerTimer = setInterval(() => {
      // Counted in checks, not by the clock: a pause of this process must not look like an absent worker.
      unread = source.readers > 0 ? 0 : unread + 1;
      if (unread <= READER_CHECKS) return;
      const detail = `no transcode worker read this broadcast for ${transcoderWaitMs} ms`;
      this.#deps.logger.error({ channel: state.id }, `publisher refused: ${detail}`);
      session.refuse('no-transcoder', detail, 'NetStream.Publish.Rejected');
    }, transcoderWaitMs / READER_CHECKS);
  }

  get #takeoverMs(): number {
    return this.#deps.config.rtmp.takeoverMs;
  }
}
