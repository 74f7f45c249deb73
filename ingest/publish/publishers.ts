import type { LecternConfig } from '../../config/schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { describeError } from '../../shared/errors.ts';
import type { JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../../transcode/job.ts';
import { Broadcast, type BroadcastStep } from './publication.ts';
import { newBroadcastId } from './broadcast-id.ts';
import type { Feed, FeedEnd } from '../source/source-stream.ts';
import type { FeedShelf } from '../source/source-streams.ts';
import { countRefusal, type IngestMetrics } from '../ingest-metrics.ts';
import { keyMatches, parsePublishName } from './publish-key.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RefusalReason, RtmpSession, SessionEvents } from '../rtmp/rtmp-session.ts';
import { FREE_SEAT, seatArrive, seatDeadlineMs, seatLeave, seatMedia, seatTime, type Seat } from './seat.ts';
import type { SeatStep } from './seat.ts';

/** What the desk works with. */
export type DeskDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly queue: JobQueue<TranscodeJob>;
  readonly shelf: FeedShelf;
  readonly readsEnhanced: boolean;
  /** Where transcode workers reach this ingest, without a slash at its end. */
  publicUrl(): string;
};

/** A publisher on a channel, for the API. */
export type OnAir = { readonly remote: string; readonly broadcast: Broadcast };

/** The same for every name, which is not repeated: a key gets into its place by a slip of the hand (`hall-7&key=…`). */
const UNKNOWN_CHANNEL = 'no such channel: want the channel, a question mark and its key';

/**
 * A publisher that sends a file faster than it plays is slowed down when it is so far ahead, by TCP's own means. Origins
 * refuse media that is 10 s ahead: what has been read when the limit is reached needs some room below that.
 */
const MAX_AHEAD_MS = 8000;
/** At most so long at once, which is shorter than any time of take-over. */
const REST_MS = 100;
/** How often, within the time a transcode worker may take to come, it is looked whether one reads. */
const READER_LOOKS = 10;

type ChannelDesk = {
  readonly id: string;
  readonly publishKey: string;
  seat: Seat;
  onAir: (OnAir & { readonly session: RtmpSession }) | null;
  /** End of the last broadcast in media time, UTC milliseconds. */
  mediaEndMs: number;
  seatTimer: NodeJS.Timeout | null;
  gateTimer: NodeJS.Timeout | null;
  readerTimer: NodeJS.Timeout | null;
};

/** Decides who publishes on which channel, and makes a broadcast and a job of what the accepted one sends. */
export class PublishDesk implements SessionEvents {
  readonly #deps: DeskDeps;
  readonly #channels = new Map<string, ChannelDesk>();
  /** Every session with the right key, whether it holds its channel's seat or waits for it. */
  readonly #guests = new Map<string, { readonly session: RtmpSession; readonly desk: ChannelDesk }>();

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    for (const { id, publishKey } of deps.config.channels) {
      const timers = { seatTimer: null, gateTimer: null, readerTimer: null };
      this.#channels.set(id, { id, publishKey, seat: FREE_SEAT, onAir: null, mediaEndMs: 0, ...timers });
    }
  }

  /** Who is on a channel; null when nobody is, undefined when there is no such channel. */
  onAir(channel: string): OnAir | null | undefined {
    return this.#channels.get(channel)?.onAir;
  }

  /** A peer wants to publish: the key is checked before anything else is kept of it. */
  publish(session: RtmpSession, app: string, streamName: string): void {
    if (app.replace(/\/+$/, '') !== 'live') {
      session.refuse('unknown-app', 'publish to rtmp://…/live');
      return;
    }
    const { channel, keys } = parsePublishName(streamName);
    const desk = this.#channels.get(channel);
    // A key is compared for unknown channels as well, so that the time it takes does not tell which channels exist.
    const matches = keyMatches(keys, desk?.publishKey ?? '');
    if (desk === undefined) session.refuse('unknown-channel', UNKNOWN_CHANNEL);
    else if (!matches) session.refuse('wrong-key', `the key does not open channel ${desk.id}`);
    else this.#arrive(session, desk);
  }

  /** A message of a session that is on air. */
  message(session: RtmpSession, message: RtmpMessage): void {
    const desk = this.#guests.get(session.id)?.desk;
    if (desk === undefined || desk.onAir?.session !== session) return;
    const nowMs = this.#deps.clock.nowMs();
    if (message.kind !== 'data') {
      this.#deps.metrics.receivedBytes.inc(message.payload.length);
      this.#apply(desk, seatMedia(desk.seat, session.id, nowMs));
    }
    const { onAir } = desk;
    this.#follow(desk, onAir, onAir.broadcast.take(message, nowMs));
    this.#pace(desk, onAir, nowMs);
  }

  /** A session is gone: if it was on air, its broadcast ends. */
  gone(session: RtmpSession, clean: boolean): void {
    const desk = this.#guests.get(session.id)?.desk;
    if (desk === undefined) return;
    this.#guests.delete(session.id);
    if (desk.onAir?.session === session) this.#takeOff(desk, clean ? 'over' : 'interrupted');
    this.#apply(desk, seatLeave(desk.seat, session.id, this.#deps.clock.nowMs()));
  }

  /** Counts and logs what was refused; `detail` never holds a key. */
  refused(session: RtmpSession, reason: RefusalReason, detail: string): void {
    countRefusal(this.#deps.metrics, reason);
    const channel = this.#guests.get(session.id)?.desk.id;
    const fields = { remote: session.remote, reason, ...(channel === undefined ? {} : { channel }) };
    this.#deps.logger.warn(fields, `connection closed: ${detail}`);
  }

  #arrive(session: RtmpSession, desk: ChannelDesk): void {
    this.#guests.set(session.id, { session, desk });
    const step = seatArrive(desk.seat, session.id, this.#deps.clock.nowMs());
    if (step.admit === null) session.hold();
    this.#apply(desk, step);
  }

  /** Brings sessions in line with a decision about the seat. The new seat stands first: what is closed calls back. */
  #apply(desk: ChannelDesk, step: SeatStep): void {
    if (step.seat === desk.seat) return;
    desk.seat = step.seat;
    this.#refuseGuest(step.refuse, 'already-live', `channel ${desk.id} is live already`);
    this.#refuseGuest(
      step.close,
      'taken-over',
      `silent for ${this.#takeoverMs} ms, and its teacher came back`,
    );
    if (step.admit !== null) this.#admit(desk, step.admit);
    this.#watchSeat(desk);
  }

  #refuseGuest(id: string | null, reason: RefusalReason, detail: string): void {
    if (id !== null) this.#guests.get(id)?.session.refuse(reason, detail);
  }

  #admit(desk: ChannelDesk, id: string): void {
    const session = this.#guests.get(id)?.session;
    if (session === undefined) return;
    const { clock, logger, readsEnhanced, metrics } = this.#deps;
    const nowMs = clock.nowMs();
    const options = { notBeforeMs: desk.mediaEndMs, readsEnhanced };
    const broadcast = new Broadcast(newBroadcastId(nowMs), nowMs, options);
    desk.onAir = { session, remote: session.remote, broadcast };
    metrics.publishers.inc();
    logger.info({ channel: desk.id, broadcast: broadcast.id, remote: session.remote }, 'publisher accepted');
    session.accept();
  }

  #takeOff(desk: ChannelDesk, how: FeedEnd): void {
    const { onAir } = desk;
    if (onAir === null) return;
    desk.onAir = null;
    if (desk.gateTimer !== null) clearTimeout(desk.gateTimer);
    desk.gateTimer = null;
    if (desk.readerTimer !== null) clearInterval(desk.readerTimer);
    desk.readerTimer = null;
    desk.mediaEndMs = Math.max(desk.mediaEndMs, onAir.broadcast.mediaEndMs);
    onAir.broadcast.end(how);
    this.#deps.shelf.remove(desk.id, onAir.broadcast.id);
    this.#deps.metrics.publishers.dec();
    this.#deps.logger.info(
      { channel: desk.id, broadcast: onAir.broadcast.id },
      `publisher gone: broadcast ${how}`,
    );
  }

  /** Lets a publisher that is too far ahead wait until it is not. */
  #pace(desk: ChannelDesk, onAir: OnAir & { readonly session: RtmpSession }, nowMs: number): void {
    const tooFarMs = onAir.broadcast.aheadMs(nowMs) - MAX_AHEAD_MS;
    if (tooFarMs <= 0) return;
    onAir.session.rest(Math.min(tooFarMs, REST_MS), () => {
      const thenMs = this.#deps.clock.nowMs();
      // Whom we do not listen to cannot show that she is alive: her silence does not count.
      this.#apply(desk, seatMedia(desk.seat, onAir.session.id, thenMs));
      this.#pace(desk, onAir, thenMs);
    });
  }

  /** A newcomer waits: look at the seat again when the holder's silence has lasted long enough. */
  #watchSeat(desk: ChannelDesk): void {
    if (desk.seatTimer !== null) clearTimeout(desk.seatTimer);
    desk.seatTimer = null;
    const dueMs = seatDeadlineMs(desk.seat, this.#takeoverMs);
    if (dueMs === null) return;
    // By setImmediate, so that what the holder sent while this process was busy is read before it counts as silent.
    const look = () => this.#apply(desk, seatTime(desk.seat, this.#deps.clock.nowMs(), this.#takeoverMs));
    const again = () => {
      look();
      if (desk.seat.waiting !== null) this.#watchSeat(desk);
    };
    desk.seatTimer = setTimeout(() => setImmediate(again), Math.max(1, dueMs - this.#deps.clock.nowMs()));
  }

  #follow(desk: ChannelDesk, onAir: OnAir & { readonly session: RtmpSession }, step: BroadcastStep): void {
    if (step.kind === 'refuse') {
      onAir.session.refuse('unsupported-media', step.reason, 'NetStream.Publish.Rejected');
    } else if (step.kind === 'wait' && step.untilMs !== null && desk.gateTimer === null) {
      const waitMs = Math.max(1, step.untilMs - this.#deps.clock.nowMs());
      desk.gateTimer = setTimeout(() => {
        desk.gateTimer = null;
        if (desk.onAir === onAir) this.#follow(desk, onAir, onAir.broadcast.look(this.#deps.clock.nowMs()));
      }, waitMs);
    } else if (step.kind === 'start') {
      this.#start(desk, onAir, step.started);
    }
  }

  #start(
    desk: ChannelDesk,
    { session, broadcast }: OnAir & { readonly session: RtmpSession },
    started: (BroadcastStep & { kind: 'start' })['started'],
  ): void {
    const { queue, shelf, logger } = this.#deps;
    if (broadcast.feed !== null) shelf.add(desk.id, broadcast.id, broadcast.feed);
    const sourceUrl = `${this.#deps.publicUrl()}/feeds/${desk.id}/${broadcast.id}.flv`;
    const fields = { channel: desk.id, broadcast: broadcast.id };
    logger.info({ ...fields, ...started }, 'broadcast on air');
    if (broadcast.feed !== null) this.#watchReaders(desk, session, broadcast.feed);
    queue.add(broadcast.id, { ...fields, sourceUrl, ...started }).catch((error: unknown) => {
      logger.error({ ...fields, error: describeError(error) }, 'no transcode job could be queued');
      session.refuse('no-transcoder', 'the server cannot transcode now', 'NetStream.Publish.Rejected');
    });
  }

  /** A teacher whose words nobody encodes is told so: her encoder tries again, and that makes a new job. */
  #watchReaders(desk: ChannelDesk, session: RtmpSession, feed: Feed): void {
    const { transcoderWaitMs } = this.#deps.config.rtmp;
    let unread = 0;
    desk.readerTimer = setInterval(() => {
      // Counted in looks, not by the clock: a process that stood still is not taken for an absent worker.
      unread = feed.readers > 0 ? 0 : unread + 1;
      if (unread <= READER_LOOKS) return;
      const detail = `no transcode worker has read this broadcast for ${transcoderWaitMs} ms`;
      this.#deps.logger.error({ channel: desk.id }, `publisher refused: ${detail}`);
      session.refuse('no-transcoder', detail, 'NetStream.Publish.Rejected');
    }, transcoderWaitMs / READER_LOOKS);
  }

  get #takeoverMs(): number {
    return this.#deps.config.rtmp.takeoverMs;
  }
}
