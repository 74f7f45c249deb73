import { setImmediate } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { segmentNumberAt, segmentStartMs } from '../../shared/grid.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import { marksFrom } from '../packager/timeline/channel-view.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import type { ChannelView, RenditionView, Segment } from '../packager/media.ts';
import {
  dropBefore,
  emptyLayout,
  extend,
  fits,
  type TimeshiftLayout,
  layOutStretch,
  newestClosed,
  oldestInMemory,
  appendStretch,
  prependStretch,
  segmentsFrom,
  sizeOf,
  type StoredStretch,
} from './timeshift-layout.ts';

/** A start-over that cannot be given. */
export class StartOverError extends AppError {}

/** What start-over is made from. */
export type StartOverDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  /** How far back it may go, milliseconds. */
  readonly maxMs: number;
  /** Segments of pasts that are kept laid out, of all channels and renditions; some 400 bytes each with what is written of them. */
  readonly maxSegments?: number;
};

/** Where a start-over begins. */
export type StartOverFrom = {
  readonly number: number;
  /** It was asked for from further back than is allowed, or from what is yet to come: its beginning moves on with the clock. */
  readonly slides: boolean;
};

type Kept = { past: TimeshiftLayout; retryMs: number };

const MAX_SEGMENTS = 400_000;
/** How soon a past that could not be asked for as a whole is asked for again, milliseconds. */
const PARTIAL_KEPT_MS = 5000;
/** So many numbers are laid at a time; what is on air has its turn between. */
const STRETCH = 512;
/** Beginnings are laid from a multiple of this on: who begins a little earlier than others needs nothing more to be laid. */
const FIRST_MULTIPLE = 64;
/** How often a past that is laid may have been overtaken by the channel, which drops what is old meanwhile. */
const MAX_TURNS = 4;

/**
 * A channel from a time in the past on: stored segments, then those that the channel still has. What was a slate then is a
 * slate again, and what was never there is a gap, so that numbers go on without a hole.
 */
export class StartOver {
  readonly #deps: StartOverDeps;
  /** By channel; the one that was asked for longest ago first. */
  readonly #pasts = new Map<string, Kept>();
  /** One at a time of each channel. */
  readonly #laying = new Map<string, Promise<void>>();
  /** Counts what was forgotten: what is being laid at that moment may list what was erased, and is not kept. */
  #forgotten = 0;

  constructor(deps: StartOverDeps) {
    this.#deps = deps;
  }

  /**
   * Reads where to begin.
   *
   * @param text value of `?start=`
   * @param nowMs UTC milliseconds
   * @returns never further back than is allowed, and a segment that has closed
   * @throws {StartOverError} `bad-start` (400), `nothing-new` (503) while the channel has nothing to list
   */
  from(text: string, channel: LiveChannel, nowMs: number): StartOverFrom {
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
    const oldest = Math.max(1, segmentNumberAt(nowMs - this.#deps.maxMs, gridUnits));
    const number = Math.min(Math.max(wanted, oldest), newest);
    return { number, slides: number !== wanted };
  }

  /**
   * The channel from a segment on, to now.
   *
   * @param firstNumber of {@link from}
   * @throws {StartOverError} `nothing-new` (503) while the channel has nothing to list, {StoreError} `store-unavailable` (503)
   */
  async view(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<ChannelView> {
    const oldest = oldestInMemory(channel);
    if (!Number.isFinite(oldest)) throw nothingNew(channel.settings.id);
    const past = firstNumber >= oldest ? null : await this.#past(channel, firstNumber, nowMs);
    return viewFrom(channel, past, firstNumber);
  }

  /** Forgets what is laid out of a channel: some of it was erased. */
  invalidate(channel: string): void {
    this.#pasts.delete(channel);
    this.#forgotten += 1;
  }

  /** A past that reaches back to a segment, and on to what the channel still has. */
  async #past(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<TimeshiftLayout> {
    const { id } = channel.settings;
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const past = this.#ready(channel, firstNumber, nowMs);
      if (past !== null) return past;
      await (this.#laying.get(id) ?? this.#begin(id, () => this.#reach(channel, firstNumber, nowMs)));
    }
    throw nothingNew(id);
  }

  #ready(channel: LiveChannel, firstNumber: number, nowMs: number): TimeshiftLayout | null {
    const { id, gridUnits } = channel.settings;
    const kept = this.#pasts.get(id);
    if (kept === undefined || !fits(kept.past, channel)) return null;
    const { past } = kept;
    if (past.firstNumber > firstNumber || !extend(past, channel)) return null;
    dropBefore(past, segmentNumberAt(nowMs - this.#deps.maxMs, gridUnits));
    this.#keep(id, kept);
    // Who watches it meanwhile has what there is: the store may be down, and a read of it take long.
    if (past.isPartial && nowMs >= kept.retryMs && !this.#laying.has(id)) {
      kept.retryMs = nowMs + PARTIAL_KEPT_MS;
      this.#begin(id, () => this.#layAgain(channel, past.firstNumber, nowMs)).catch(() => {});
    }
    return past;
  }

  #begin(id: string, lay: () => Promise<void>): Promise<void> {
    const laying = lay().finally(() => this.#laying.delete(id));
    this.#laying.set(id, laying);
    return laying;
  }

  /** Lays what is missing in front of what is laid, and between that and what the channel still has. */
  async #reach(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<void> {
    const { id } = channel.settings;
    const known = this.#pasts.get(id);
    const isOfUse = known !== undefined && fits(known.past, channel);
    const kept = isOfUse
      ? known
      : { past: emptyLayout(channel, oldestInMemory(channel)), retryMs: nowMs + PARTIAL_KEPT_MS };
    const first = Math.max(1, Math.floor(firstNumber / FIRST_MULTIPLE) * FIRST_MULTIPLE);
    const forgotten = this.#forgotten;
    await this.#layInto(channel, kept.past, first);
    if (forgotten === this.#forgotten) this.#keep(id, kept);
  }

  async #layAgain(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<void> {
    const past = emptyLayout(channel, oldestInMemory(channel));
    const forgotten = this.#forgotten;
    await this.#layInto(channel, past, firstNumber);
    if (forgotten === this.#forgotten)
      this.#keep(channel.settings.id, { past, retryMs: nowMs + PARTIAL_KEPT_MS });
  }

  async #layInto(channel: LiveChannel, past: TimeshiftLayout, firstNumber: number): Promise<void> {
    while (past.endNumber < oldestInMemory(channel) && Number.isFinite(oldestInMemory(channel))) {
      const from = past.endNumber;
      const to = Math.min(from + STRETCH, oldestInMemory(channel));
      const stretch = await this.#stored(channel, from, to, past);
      // Nobody else lays this channel, but who asks adds what has closed.
      if (past.endNumber === from) appendStretch(past, to, layOutStretch(channel, from, to, stretch));
    }
    while (past.firstNumber > firstNumber) {
      const to = past.firstNumber;
      const from = Math.max(firstNumber, to - STRETCH);
      const stretch = await this.#stored(channel, from, to, past);
      if (past.firstNumber === to) prependStretch(past, from, layOutStretch(channel, from, to, stretch));
    }
  }

  async #stored(
    channel: LiveChannel,
    from: number,
    to: number,
    past: TimeshiftLayout,
  ): Promise<StoredStretch> {
    const { index, reader } = this.#deps;
    const { id, gridUnits } = channel.settings;
    const range = { fromMs: segmentStartMs(from, gridUnits), toMs: segmentStartMs(to, gridUnits) };
    await setImmediate();
    const stored = await index.between(id, range, () => {
      past.isPartial = true;
    });
    const { inits, isWhole } = await reader.initsOf(id, stored);
    if (!isWhole) past.isPartial = true;
    return { stored, inits };
  }

  #keep(id: string, kept: Kept): void {
    this.#pasts.delete(id);
    this.#pasts.set(id, kept);
    let segments = 0;
    for (const { past } of this.#pasts.values()) segments += sizeOf(past);
    for (const [oldest, { past }] of this.#pasts) {
      if (segments <= (this.#deps.maxSegments ?? MAX_SEGMENTS) || oldest === id) break;
      this.#pasts.delete(oldest);
      segments -= sizeOf(past);
    }
  }
}

/** A past and what the channel still has behind it, as one. */
function viewFrom(channel: LiveChannel, past: TimeshiftLayout | null, firstNumber: number): ChannelView {
  const renditions = channel.renditions.map((rendition): RenditionView => {
    const { id, kind } = rendition;
    const before = segmentsFrom(past?.byRendition.get(id) ?? [], firstNumber);
    const after = segmentsFrom(rendition.segments, Math.max(firstNumber, past?.endNumber ?? 0));
    const segments = before.concat(after);
    return { id, kind, segments, discontinuitySequence: sequenceOf(channel, segments) };
  });
  return {
    ...channel.settings,
    ...{
      runs: channel.runs.since(firstNumber),
      marks: marksFrom(channel.marks, firstNumber, channel.settings.gridUnits),
      renditions,
    },
  };
}

/** Discontinuities in front of all that is listed: counted back from the newest, since the log forgets the oldest. */
function sequenceOf(channel: LiveChannel, segments: readonly Segment[]): number {
  const newest = segments.at(-1);
  if (newest === undefined) return 0;
  let count = channel.runs.discontinuityNumber(newest.number);
  for (const { discontinuity } of segments) if (discontinuity) count -= 1;
  return Math.max(0, count);
}

function nothingNew(id: string): StartOverError {
  return new StartOverError(`channel ${id}: nothing is listed yet`, {
    ...{ code: 'nothing-new', status: 503 },
    retryAfterS: 2,
  });
}
