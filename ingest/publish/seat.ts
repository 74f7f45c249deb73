/**
 * The right to publish on one channel: which session holds it, and which one waits for it. Pure.
 *
 * A second publisher waits until the holder's next media packet proves that the holder is alive (the second one is refused), or
 * until the holder has been silent for `takeoverMs` (the second one takes over).
 */
export type Seat = {
  /** Session id; null when the seat is free. */
  readonly holder: string | null;
  /** When the holder last sent media or took the seat, UTC milliseconds. */
  readonly lastMediaMs: number;
  /** Session id of the second publisher; null when none waits. */
  readonly waiting: string | null;
};

/** Result of an event: the new seat, and what to do with sessions, in this order. */
export type SeatStep = {
  readonly seat: Seat;
  /** Session to refuse: the seat is taken. */
  readonly refuse: string | null;
  /** Silent holder to disconnect. */
  readonly close: string | null;
  /** Session that holds the seat from now on. */
  readonly admit: string | null;
};

/** A seat that nobody holds. */
export const FREE_SEAT: Seat = { holder: null, lastMediaMs: 0, waiting: null };

/** A session with the right key asks for the seat. Of two that wait, the later one stays. */
export function seatArrive(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.holder === null) return admit(id, nowMs);
  return step({ ...seat, waiting: id }, { refuse: seat.waiting });
}

/** A session sent media. When it is the holder, the session that waits is refused. */
export function seatMedia(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.holder !== id) return step(seat);
  return step({ holder: id, lastMediaMs: nowMs, waiting: null }, { refuse: seat.waiting });
}

/** Time has passed. A holder that was silent for `takeoverMs` loses the seat to the session that waits. */
export function seatTime(seat: Seat, nowMs: number, takeoverMs: number): SeatStep {
  const dueMs = seatDeadlineMs(seat, takeoverMs);
  if (dueMs === null || nowMs < dueMs || seat.waiting === null) return step(seat);
  return { ...admit(seat.waiting, nowMs), close: seat.holder };
}

/** A session has ended, whether it held the seat, waited, or neither. */
export function seatLeave(seat: Seat, id: string, nowMs: number): SeatStep {
  if (seat.waiting === id) return step({ ...seat, waiting: null });
  if (seat.holder !== id) return step(seat);
  return seat.waiting === null ? step(FREE_SEAT) : admit(seat.waiting, nowMs);
}

/** When {@link seatTime} can change the seat, UTC milliseconds; null while no session waits. */
export function seatDeadlineMs(seat: Seat, takeoverMs: number): number | null {
  return seat.waiting === null ? null : seat.lastMediaMs + takeoverMs;
}

function admit(id: string, nowMs: number): SeatStep {
  return step({ holder: id, lastMediaMs: nowMs, waiting: null }, { admit: id });
}

function step(seat: Seat, actions: Partial<Omit<SeatStep, 'seat'>> = {}): SeatStep {
  return { seat, refuse: null, close: null, admit: null, ...actions };
}
