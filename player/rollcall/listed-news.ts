import { overMs } from '../../rollcall/protocol/call.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import type { ListedCall } from '../../rollcall/protocol/listed-call.ts';

/** Most calls that are remembered. */
const REMEMBERED = 64;

/** Tells what is new in the calls that the live playlist lists, for a page without a connection to the roll call. */
export class ListedNews {
  /** Windows as they were last told, milliseconds, by call. */
  readonly #told = new Map<string, number>();

  /**
   * Looks at the playlist.
   *
   * @param nowMs the server's time, UTC milliseconds
   * @returns calls that are new or have another window, oldest first; not those that are over
   */
  next(listed: readonly ListedCall[], nowMs: number): CallFrame[] {
    const news = listed
      .map(({ frame }) => frame)
      .filter((frame) => this.#told.get(frame.callId) !== frame.windowMs && nowMs <= overMs(frame));
    for (const { callId, windowMs } of news) this.#told.set(callId, windowMs);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(oldest);
    }
    return news;
  }
}
