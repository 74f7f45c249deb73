/**
 * The publisher's seat of one channel: who holds it, and who waits for it.
 *
 * A newcomer is never weighed against the holder's past: it waits until the holder's next media packet shows that the
 * holder is alive (the newcomer is refused), or until the holder has been silent for long enough (it takes over).
 */
export type Seat = {
  /** Session id; null when the seat is free. */
  readonly holder: string | null;
  /** When the holder last sent media or sat down, UTC milliseconds. */
  readonly lastMediaMs: number;
  /** Session id of the newcomer that waits; null when there is none. */
  readonly waiting: string | null;
};

/** What follows from an event: the new seat, and what is to be done with sessions, in this order. */
export type SeatStep = {
  readonly seat: Seat;
  /** To be told that the seat is taken. */
  readonly refuse: string | null;
  /** The silent holder, to be closed. */
  readonly close: string | null;
  /** The new holder. */
  readonly admit: string | null;
};

/** A seat that nobody holds. */
export const FREE_SEAT: Seat = { holder: null, lastMediaMs: 0, waiting: null };

/** A session with the right key wants the seat; of two that wait, the later one stays. */
export function seatArrive(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.holder === null) return admit(id, nowMs);
  return step({ ...seat, waiting: id }, { refuse: seat.waiting });
}

/** A session sent media: the holder is alive, so whoever waits is refused. */
export function seatMedia(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.holder !== id) return step(seat);
  return step({ holder: id, lastMediaMs: nowMs, waiting: null }, { refuse: seat.waiting });
}

/** Time passed: a holder that was silent for `takeoverMs` makes way for the one that waits. */
export function seatTime(seat: Seat, nowMs: number, takeoverMs: number): SeatStep {
  const dueMs = seatDeadlineMs(seat, takeoverMs);
  if (dueMs === null || nowMs < dueMs || seat.waiting === null) return step(seat);
  return { ...admit(seat.waiting, nowMs), close: seat.holder };
}

/** A session is gone, whichever it was. */
export function seatLeave(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.waiting === id) return step({ ...seat, waiting: null });
  if (seat.holder !== id) return step(seat);
  return seat.waiting === null ? step(FREE_SEAT) : admit(seat.waiting, nowMs);
}

/** When {@link seatTime} has something to decide, UTC milliseconds; null while nobody waits. */
export function seatDeadlineMs(seat: Seat, takeoverMs: number): number | null {
  return seat.waiting === null ? null : seat.lastMediaMs + takeoverMs;
}

function admit(id: string, nowMs: number): SeatStep {
  return step({ holder: id, lastMediaMs: nowMs, waiting: null }, { admit: id });
}

function step(seat: Seat, actions: Partial<Omit<SeatStep, 'seat'>> = {}): SeatStep {
  return { seat, refuse: null, close: null, admit: null, ...actions };
}
