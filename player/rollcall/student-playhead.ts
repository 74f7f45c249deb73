import type { ListedCall } from '../../rollcall/protocol/listed-call.ts';
import type { Moment } from './call-state.ts';
import { ServerTime } from './server-time.ts';

/** What the roll call has to know about the player. */
export type Played = {
  /** Program date time of the picture, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** The server's time, UTC milliseconds. */
  serverNowMs(): number;
  /** A class is shown, and not the slate. */
  isOnAir(): boolean;
  /** The calls that the live playlist lists; null where the player does not tell. */
  calls(): readonly ListedCall[] | null;
};

/** While another engine is attached the playhead is unknown: for this long it is taken to be where it was, milliseconds. */
const UNKNOWN_MS = 1500;

/** Where the student's playhead is, how long it has stood still, and what time it is at the server. */
export class StudentPlayhead {
  readonly time = new ServerTime();
  readonly #played: Played;
  readonly #steadyMs: () => number;
  #lastMs: number | null = null;
  #movedAtMs: number;

  /** @param steadyMs a clock that never goes back, milliseconds */
  constructor(played: Played, steadyMs: () => number) {
    this.#played = played;
    this.#steadyMs = steadyMs;
    this.#movedAtMs = steadyMs();
  }

  /** Program date time, UTC milliseconds; null while nothing plays. */
  nowMs(): number | null {
    const playheadMs = this.#played.programTimeMs();
    if (playheadMs !== null) return playheadMs;
    return this.#steadyMs() - this.#movedAtMs < UNKNOWN_MS ? this.#lastMs : null;
  }

  /** The server's time, UTC milliseconds. */
  serverMs(): number {
    return this.time.nowMs(this.#played.serverNowMs(), this.#steadyMs());
  }

  /** Takes the next moment; to be called some ten times a second. */
  next(): Moment {
    const nowMs = this.#steadyMs();
    const playheadMs = this.nowMs();
    if (playheadMs !== this.#lastMs) this.#movedAtMs = nowMs;
    this.#lastMs = playheadMs;
    return { serverMs: this.serverMs(), playheadMs, stillMs: nowMs - this.#movedAtMs };
  }
}
