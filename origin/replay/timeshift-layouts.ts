import { LRUCache } from 'lru-cache';
import { backgroundTurns } from '../../shared/background-turns.ts';
import { segmentNumberAt, segmentStartMs } from '../../shared/grid.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import { layOutStretch, type StoredStretch } from './lay-out-stretch.ts';
import { closedInMemory, oldestInMemory } from './live-segments.ts';
import {
  appendStretch,
  dropBefore,
  emptyLayout,
  hasRenditions,
  prependStretch,
  segmentCount,
  type TimeshiftLayout,
} from './timeshift-layout.ts';

/** What layouts work with. */
export type TimeshiftLayoutsDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  /** How far back a layout may reach, milliseconds. */
  readonly maxMs: number;
  /** Most segments in all cached layouts; some 400 bytes each with the texts rendered from them. */
  readonly maxSegments?: number;
};

type CachedLayout = { readonly layout: TimeshiftLayout; retryMs: number };

const MAX_SEGMENTS = 400_000;
/** A partial layout is laid out again after this time, milliseconds. */
const RETRY_PARTIAL_MS = 5000;
/** Numbers that are laid out in one step; live requests are answered between two steps. */
const STRETCH = 512;
/** Layouts begin at a multiple of this: a viewer who begins a little earlier needs nothing more. */
const FIRST_MULTIPLE = 64;
/** Attempts to extend a layout while its channel drops old segments. */
const MAX_ATTEMPTS = 4;

/** The cached layouts of channels. Each is laid out once for all viewers, and extended by what is missing. */
export class TimeshiftLayouts {
  readonly #deps: TimeshiftLayoutsDeps;
  /** By channel. */
  readonly #cached: LRUCache<string, CachedLayout>;
  /** One work in progress for each channel. */
  readonly #working = new Map<string, Promise<void>>();
  /** Counts invalidations: a layout that was being made during one may list erased segments, and is not cached. */
  #invalidations = 0;

  constructor(deps: TimeshiftLayoutsDeps) {
    const maxSize = deps.maxSegments ?? MAX_SEGMENTS;
    this.#deps = deps;
    this.#cached = new LRUCache({
      maxSize,
      // Even a layout above the limit is cached while it is the newest: it would be laid out again for each viewer.
      sizeCalculation: ({ layout }) => Math.min(maxSize, Math.max(1, segmentCount(layout))),
    });
  }

  /** Removes the layout of a channel: some of its segments were erased. */
  invalidate(channel: string): void {
    this.#cached.delete(channel);
    this.#invalidations += 1;
  }

  /**
   * A layout that begins at a segment or before it, and ends where the channel's memory begins or later.
   *
   * @returns null when the channel drops old segments faster than the layout is extended
   * @throws {StoreError} `store-unavailable` (503)
   */
  async get(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<TimeshiftLayout | null> {
    const { id } = channel.settings;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const layout = this.#ready(channel, firstNumber, nowMs);
      if (layout !== null) return layout;
      await (this.#working.get(id) ?? this.#work(id, () => this.#reach(channel, firstNumber, nowMs)));
    }
    return null;
  }

  #ready(channel: LiveChannel, firstNumber: number, nowMs: number): TimeshiftLayout | null {
    const { id, gridUnits } = channel.settings;
    const cached = this.#cached.get(id);
    if (cached === undefined || !hasRenditions(cached.layout, idsOf(channel))) return null;
    const { layout } = cached;
    if (layout.firstNumber > firstNumber || !extendFromMemory(layout, channel)) return null;
    dropBefore(layout, segmentNumberAt(nowMs - this.#deps.maxMs, gridUnits));
    this.#cache(id, cached);
    // Viewers get the partial layout meanwhile: the store may be down, or slow.
    if (layout.isPartial && nowMs >= cached.retryMs && !this.#working.has(id)) {
      cached.retryMs = nowMs + RETRY_PARTIAL_MS;
      this.#work(id, () => this.#layOutAgain(channel, layout.firstNumber, nowMs)).catch(() => {});
    }
    return layout;
  }

  #work(id: string, layOut: () => Promise<void>): Promise<void> {
    const work = layOut().finally(() => this.#working.delete(id));
    this.#working.set(id, work);
    return work;
  }

  /** Adds what is missing in front of a layout, and between its end and the channel's memory. */
  async #reach(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<void> {
    const { id } = channel.settings;
    const known = this.#cached.get(id);
    const isOfUse = known !== undefined && hasRenditions(known.layout, idsOf(channel));
    const cached = isOfUse
      ? known
      : {
          layout: emptyLayout(idsOf(channel), oldestInMemory(channel)),
          retryMs: nowMs + RETRY_PARTIAL_MS,
        };
    const first = Math.max(1, Math.floor(firstNumber / FIRST_MULTIPLE) * FIRST_MULTIPLE);
    const invalidations = this.#invalidations;
    await this.#fill(channel, cached.layout, first);
    if (invalidations === this.#invalidations) this.#cache(id, cached);
  }

  async #layOutAgain(channel: LiveChannel, firstNumber: number, nowMs: number): Promise<void> {
    const layout = emptyLayout(idsOf(channel), oldestInMemory(channel));
    const invalidations = this.#invalidations;
    await this.#fill(channel, layout, firstNumber);
    if (invalidations === this.#invalidations)
      this.#cache(channel.settings.id, { layout, retryMs: nowMs + RETRY_PARTIAL_MS });
  }

  async #fill(channel: LiveChannel, layout: TimeshiftLayout, firstNumber: number): Promise<void> {
    while (layout.endNumber < oldestInMemory(channel) && Number.isFinite(oldestInMemory(channel))) {
      const from = layout.endNumber;
      const to = Math.min(from + STRETCH, oldestInMemory(channel));
      const stretch = await this.#stored(channel, from, to, layout);
      await backgroundTurns.run('start-over', () => {
        // A request may have extended the layout meanwhile.
        if (layout.endNumber === from) appendStretch(layout, to, layOutStretch(channel, from, to, stretch));
      });
    }
    while (layout.firstNumber > firstNumber) {
      const to = layout.firstNumber;
      const from = Math.max(firstNumber, to - STRETCH);
      const stretch = await this.#stored(channel, from, to, layout);
      await backgroundTurns.run('start-over', () => {
        if (layout.firstNumber !== to) return;
        prependStretch(layout, from, layOutStretch(channel, from, to, stretch));
      });
    }
  }

  async #stored(
    channel: LiveChannel,
    from: number,
    to: number,
    layout: TimeshiftLayout,
  ): Promise<StoredStretch> {
    const { index, reader } = this.#deps;
    const { id, gridUnits } = channel.settings;
    const range = { fromMs: segmentStartMs(from, gridUnits), toMs: segmentStartMs(to, gridUnits) };
    const stored = await index.between(id, range, () => {
      layout.isPartial = true;
    });
    const { inits, isWhole } = await reader.initsOf(id, stored);
    if (!isWhole) layout.isPartial = true;
    return { stored, inits };
  }

  #cache(id: string, cached: CachedLayout): void {
    // The library takes a new size only for a new entry.
    this.#cached.delete(id);
    this.#cached.set(id, cached);
  }
}

/**
 * Adds segments that have closed since, from the channel's memory.
 *
 * @returns false when the memory does not reach back to the layout's end: the stretch between must be read from the archive
 */
function extendFromMemory(layout: TimeshiftLayout, channel: LiveChannel): boolean {
  for (;;) {
    const closed = closedInMemory(channel, layout.endNumber);
    if (closed === undefined) break;
    for (const [id, segment] of closed) layout.byRendition.get(id)?.push(segment);
    layout.endNumber += 1;
  }
  return layout.endNumber >= oldestInMemory(channel);
}

function idsOf({ renditions }: LiveChannel): string[] {
  return renditions.map(({ id }) => id);
}
