import { AppError } from '../../shared/errors.ts';
import { segmentNumberAt } from '../../shared/grid.ts';
import type { TimeRange } from '../archive/time-range.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import { firstShown, shownView } from '../live/shown-view.ts';
import type { ChannelView } from '../packager/media.ts';
import { newestClosed, oldestInMemory } from './live-segments.ts';
import { TimeshiftLayouts, type TimeshiftLayoutsDeps } from './timeshift-layouts.ts';
import { timeshiftView } from './timeshift-view.ts';

/** A request for a start-over is rejected. */
export class StartOverError extends AppError {}

/** What start-over works with. */
export type StartOverDeps = TimeshiftLayoutsDeps;

/** Start of a start-over. */
export type StartOverFrom = {
  readonly number: number;
  /** The requested start is too far back, in the future, or was cut off: the actual start is another one, and may move. */
  readonly slides: boolean;
};

/**
 * A live channel from an earlier time on. Times of the slate are filled with the slate, and times without media are gaps, so
 * that segment numbers are consecutive.
 */
export class StartOver {
  readonly #maxMs: number;
  readonly #layouts: TimeshiftLayouts;

  constructor(deps: StartOverDeps) {
    this.#maxMs = deps.maxMs;
    this.#layouts = new TimeshiftLayouts(deps);
  }

  /**
   * Reads the start.
   *
   * @param text value of `?start=`
   * @param nowMs UTC milliseconds
   * @param cut what is not shown to whoever asks
   * @returns a closed segment, not further back than allowed, and none that was cut off while there is a later one
   * @throws {StartOverError} `bad-start` (400), `nothing-new` (503) while the channel has nothing to list
   */
  from(text: string, channel: LiveChannel, nowMs: number, cut: readonly TimeRange[] = []): StartOverFrom {
    const { id, gridUnits } = channel.settings;
    if (!/^\d{1,15}$/.test(text)) {
      throw new StartOverError(`start=${text.slice(0, 40)}: want UTC in whole milliseconds`, {
        code: 'bad-start',
        status: 400,
      });
    }
    const newest = newestClosed(channel);
    if (newest === null) throw nothingNew(id);
    const wanted = segmentNumberAt(Number(text), gridUnits);
    const oldest = Math.max(1, segmentNumberAt(nowMs - this.#maxMs, gridUnits));
    const number = Math.min(firstShown(Math.max(wanted, oldest), cut, gridUnits), newest);
    return { number, slides: number !== wanted };
  }

  /**
   * The channel from a segment up to now.
   *
   * @param firstNumber of {@link from}
   * @param cut what is not shown to whoever asks
   * @throws {StartOverError} `nothing-new` (503) while the channel has nothing to list, {StoreError} `store-unavailable` (503)
   */
  async view(
    channel: LiveChannel,
    firstNumber: number,
    nowMs: number,
    cut: readonly TimeRange[] = [],
  ): Promise<ChannelView> {
    const oldest = oldestInMemory(channel);
    if (!Number.isFinite(oldest)) throw nothingNew(channel.settings.id);
    if (firstNumber >= oldest) return shownView(timeshiftView(channel, null, firstNumber), cut);
    const layout = await this.#layouts.get(channel, firstNumber, nowMs);
    if (layout === null) throw nothingNew(channel.settings.id);
    return shownView(timeshiftView(channel, layout, firstNumber), cut);
  }

  /** Discards the cached layout of a channel: some of its segments were erased. */
  invalidate(channel: string): void {
    this.#layouts.invalidate(channel);
  }
}

function nothingNew(id: string): StartOverError {
  return new StartOverError(`channel ${id}: nothing is listed yet`, {
    ...{ code: 'nothing-new', status: 503 },
    retryAfterS: 2,
  });
}
