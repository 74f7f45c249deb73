import { parseConfig } from '../../../config/load.ts';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { segmentKey } from '../../../origin/archive/archive-keys.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { Eraser } from '../../../origin/archive/eraser.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { BroadcastLibrary } from '../../../origin/broadcasts/broadcast-library.ts';
import { BroadcastTracker } from '../../../origin/broadcasts/broadcast-tracker.ts';
import { Housekeeping } from '../../../origin/broadcasts/housekeeping.ts';
import { Channels } from '../../../origin/live/channels.ts';
import type { LiveChannel } from '../../../origin/live/live-channel.ts';
import type { LoggedRun, RunLogSnapshot } from '../../../origin/packager/timeline/run-log.ts';
import type { StoredSegment } from '../../../origin/packager/recording/stored-segment.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { parseFeedName } from '../../../shared/names.ts';
import { videoInit } from './cmaf-init.ts';
import type { MemoryStore } from './memory-store.ts';
import { syntheticSamples, syntheticSlate } from './synthetic.ts';

const INIT = videoInit(360);

/** A line of the index: one segment, of 100 bytes. */
export function lineOf(startMs: number): StoredSegment {
  return {
    ...{ rendition: '360p', number: Math.round(startMs / 1600), startTicks: startMs * 90 },
    ...{ durationTicks: 144_000, timescaleHz: 90_000, frames: 40, initHash: 'aaaaaaaaaaaa', sizeBytes: 100 },
  };
}

/** The log of runs of a channel. @param base discontinuities before its first run */
export function runLog(
  runs: readonly (readonly [number, LoggedRun['state'], string?])[],
  base = 0,
): RunLogSnapshot {
  return {
    base,
    runs: runs.map(([startMs, state, broadcast = '']) => ({
      ...{ firstNumber: startMs / 1600, state, broadcast },
      group: state === 'on-air' ? `live.${broadcast}` : state === 'announcement' ? 'emergency' : 'slate',
    })),
  };
}

/** One process of an origin, as far as it keeps a library, by a clock that the test turns. */
export class LibraryOnStage {
  readonly store: MemoryStore;
  readonly clock: { nowMs: number };
  readonly index: ArchiveIndex;
  readonly library: BroadcastLibrary;
  readonly tracker: BroadcastTracker;
  readonly housekeeping: Housekeeping;
  /** What was wanted a storyboard of. */
  readonly wanted: string[] = [];
  readonly reader: ArchiveReader;
  readonly #channels: Channels;
  #sentMs = 0;

  /** @param logs what an earlier process kept of the channels' runs */
  static async start(
    store: MemoryStore,
    clock: { nowMs: number },
    folder: string,
    logs: Record<string, RunLogSnapshot> = {},
  ): Promise<LibraryOnStage> {
    return new LibraryOnStage(store, clock, await Spool.open(folder), logs);
  }

  private constructor(
    store: MemoryStore,
    clock: { nowMs: number },
    spool: Spool,
    logs: Record<string, RunLogSnapshot>,
  ) {
    this.store = store;
    this.clock = clock;
    const parsed = parseConfig(
      `channels:
  - {id: hall-7, title: Hall 7, publishKey: a-secret, keepDays: 10}
  - {id: hall-8, title: Hall 8, publishKey: b-secret, keepDays: 10}
ladder: {rungs: [{height: 360, videoKbps: 300}]}
`,
      {},
    );
    const config = { ...parsed, secret: 'a secret for these tests' };
    const nowMs = (): number => clock.nowMs;
    const logger = silentLogger;
    this.index = new ArchiveIndex(store, nowMs);
    this.reader = new ArchiveReader({ store, spool, index: this.index, cacheBytes: 1e6, nowMs });
    const eraser = new Eraser({
      ...{ store, index: this.index, reader: this.reader },
      archive: { discardUnstored: async () => {} },
    });
    this.library = new BroadcastLibrary(store, logger);
    const storyboards = {
      request: ({ id }: BroadcastRecord) => void this.wanted.push(id),
      remove: async () => {},
    };
    this.#channels = new Channels({
      ...{ config, clock: { nowMs }, slate: syntheticSlate().tracks, saveRuns: () => {} },
      logs: new Map(Object.entries(logs)),
    });
    this.tracker = new BroadcastTracker({
      ...{ library: this.library, store, index: this.index, storyboards, logger, nowMs },
      config: (channel) => this.#channels.config(channel),
      onOver: () => {},
    });
    this.#channels.onOpen((id, live) => {
      const look = this.tracker.follow(id, live);
      live.onChange(look);
    });
    this.housekeeping = new Housekeeping({
      ...{ config, store, library: this.library, tracker: this.tracker, eraser, storyboards, logger },
      replay: { invalidate: () => {} },
      nowMs,
    });
  }

  /** Segments in the store, a line of the index each: one at each of the times. */
  async record(channel: string, ...startsMs: readonly number[]): Promise<void> {
    for (const startMs of startsMs) {
      const line = lineOf(startMs);
      await this.store.put(segmentKey(channel, startMs, line), Buffer.from('x'));
      this.index.add(channel, line);
      this.index.markStored(channel, line);
    }
    const { failure } = await this.index.flush(channel);
    if (failure !== null) throw failure;
  }

  /** Keys in the store that begin so. */
  keys(prefix: string): string[] {
    return [...this.store.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  /** Somebody opens a channel, and stays for some seconds. */
  visit(channel: string, milliseconds = 8000): LiveChannel {
    const live = this.#channels.get(channel);
    for (const endMs = this.clock.nowMs + milliseconds; this.clock.nowMs < endMs; ) {
      this.clock.nowMs += 200;
      live.wake(this.clock.nowMs);
      live.tick(this.clock.nowMs);
    }
    return live;
  }

  /** A class is sent for some seconds. */
  publish(channel: string, broadcast: string, milliseconds = 8000): void {
    const live = this.#channels.get(channel);
    const feed = `live.${broadcast}`;
    if (!live.feeds(this.clock.nowMs).some(({ id }) => id === feed)) {
      live.openTrack(parseFeedName(feed), '360p', INIT, ['360p'], this.clock.nowMs);
      this.#sentMs = this.clock.nowMs;
    }
    for (const endMs = this.clock.nowMs + milliseconds; this.clock.nowMs < endMs; ) {
      this.clock.nowMs += 200;
      const samples = syntheticSamples(INIT, this.#sentMs, this.clock.nowMs - 300);
      live.push(feed, '360p', [samples], this.clock.nowMs);
      this.#sentMs = Math.max(this.#sentMs, this.clock.nowMs - 300);
      live.tick(this.clock.nowMs);
    }
  }

  /** The class ends, or its line drops, and the channel goes on for some seconds. */
  leave(channel: string, broadcast: string, ending: 'over' | 'interrupted'): void {
    this.#channels.get(channel).closeTrack(`live.${broadcast}`, '360p', ending, this.clock.nowMs);
    this.visit(channel);
  }
}

/** A class of a minute in the library. */
export function lesson(id: string, startMs: number, more: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    ...{ id, channel: 'hall-7', title: `Lesson ${id}`, language: 'zh', startMs, endMs: startMs + 60_800 },
    ...{ gaps: [], keep: false },
    ...more,
  };
}
