import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RefusalReason } from '../rtmp/rtmp-session.ts';
import { AcceptedPublisher, type PublisherDeps, type PublisherSession } from './accepted-publisher.ts';
import {
  FREE_SEAT,
  type Seat,
  seatArrive,
  seatDeadlineMs,
  seatLeave,
  seatMedia,
  type SeatStep,
  seatTime,
} from './seat.ts';

/** The publisher of one channel: decides which session holds the seat, and accepts, refuses and disconnects sessions. */
export class ChannelPublisher {
  readonly channel: string;
  readonly #deps: PublisherDeps;
  /** Sessions whose key was right, by id: the holder of the seat and the one that waits for it. */
  readonly #sessions = new Map<string, PublisherSession>();
  #seat: Seat = FREE_SEAT;
  #seatTimer: NodeJS.Timeout | null = null;
  #onAir: AcceptedPublisher | null = null;
  /** End of the last broadcast in media time, UTC milliseconds. */
  #mediaEndMs = 0;

  constructor(channel: string, deps: PublisherDeps) {
    this.channel = channel;
    this.#deps = deps;
  }

  /** The holder of the seat; null while the seat is free. */
  get onAir(): AcceptedPublisher | null {
    return this.#onAir;
  }

  /** Handles a session whose key was right: it is accepted, or it waits for the seat. */
  arrive(session: PublisherSession): void {
    this.#sessions.set(session.id, session);
    const step = seatArrive(this.#seat, session.id, this.#deps.clock.nowMs());
    if (step.admit === null) session.hold();
    this.#apply(step);
  }

  /** Handles a media or data message. Messages of sessions that are not on air are ignored. */
  message(session: PublisherSession, message: RtmpMessage): void {
    const onAir = this.#onAir;
    if (onAir?.session !== session) return;
    const nowMs = this.#deps.clock.nowMs();
    if (message.kind !== 'data') {
      this.#deps.metrics.receivedBytes.inc(message.payload.length);
      this.#apply(seatMedia(this.#seat, session.id, nowMs));
    }
    onAir.take(message, nowMs);
  }

  /** Handles the answer to a ping: all that the publisher sent before has arrived. */
  answered(session: PublisherSession): void {
    const source = this.#onAir?.session === session ? this.#onAir.publication.source : null;
    if (source !== null) source.heardMs = this.#deps.clock.nowMs();
  }

  /**
   * Handles the end of a session. If it was on air, its publication ends.
   *
   * @param clean the publisher stopped by a command
   */
  leave(session: PublisherSession, clean: boolean): void {
    this.#sessions.delete(session.id);
    const onAir = this.#onAir;
    if (onAir?.session === session) {
      this.#onAir = null;
      this.#mediaEndMs = Math.max(this.#mediaEndMs, onAir.publication.mediaEndMs);
      onAir.end(clean ? 'over' : 'interrupted');
    }
    this.#apply(seatLeave(this.#seat, session.id, this.#deps.clock.nowMs()));
  }

  /** Carries out a decision about the seat. The new seat is stored first, because closing a session calls back into this object. */
  #apply(step: SeatStep): void {
    if (step.seat === this.#seat) return;
    this.#seat = step.seat;
    this.#refuse(step.refuse, 'already-live', `channel ${this.channel} is live already`);
    const silentMs = this.#takeoverMs;
    this.#refuse(
      step.close,
      'taken-over',
      `no media for ${silentMs} ms, and another publisher with the key connected`,
    );
    if (step.admit !== null) this.#admit(step.admit);
    this.#watchSeat();
  }

  #refuse(id: string | null, reason: RefusalReason, detail: string): void {
    if (id !== null) this.#sessions.get(id)?.refuse(reason, detail);
  }

  #admit(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const options = {
      channel: this.channel,
      notBeforeMs: this.#mediaEndMs,
      onPaused: (nowMs: number) => this.#apply(seatMedia(this.#seat, id, nowMs)),
    };
    this.#onAir = new AcceptedPublisher(session, options, this.#deps);
    this.#onAir.accept();
  }

  /** While a second publisher waits: checks the seat again when the holder's silence may have reached `takeoverMs`. */
  #watchSeat(): void {
    if (this.#seatTimer !== null) clearTimeout(this.#seatTimer);
    this.#seatTimer = null;
    const dueMs = seatDeadlineMs(this.#seat, this.#takeoverMs);
    if (dueMs === null) return;
    const { waiting } = this.#seat;
    const check = () => {
      this.#apply(seatTime(this.#seat, this.#deps.clock.nowMs(), this.#takeoverMs));
      if (this.#seat.waiting !== null) this.#watchSeat();
    };
    const guarded = () => this.#sessions.get(waiting ?? '')?.guard(check);
    // setImmediate: data that arrived while this process was busy is read before the holder counts as silent.
    this.#seatTimer = setTimeout(() => setImmediate(guarded), Math.max(1, dueMs - this.#deps.clock.nowMs()));
  }

  get #takeoverMs(): number {
    return this.#deps.config.rtmp.takeoverMs;
  }
}
