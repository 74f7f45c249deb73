import { LRUCache } from 'lru-cache';
import { firstChunk } from '../../media/bmff/fragment-reader.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { getIfThere, type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import { idInKey } from '../archive/archive-keys.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import { isLate } from '../packager/recording/late-rendition.ts';
import { type BroadcastRecord, replayRange } from '../broadcasts/broadcast-record.ts';
import { startMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { renderSheets } from './render-sheets.ts';
import { choosePictures, type Storyboard, storyboardSchema } from './storyboard.ts';

/** What storyboards work with. */
export type StoryboardsDeps = {
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly logger: Logger;
  /** The ffmpeg program. */
  readonly program: string;
  /** Called when the storyboard of a broadcast is stored. */
  onMade(channel: string, id: string): void;
  /** Delay of a retry after the store could not be read, milliseconds; a minute when left out. */
  readonly retryMs?: number;
};

/** Most broadcasts in the queue; further ones get no storyboard until the next start. */
const MAX_WAITING = 10_000;
/** The poster is this far into a broadcast: in the first minutes a teacher may still arrange her slides. */
const POSTER_SHARE = 0.2;
/** Delay of the first retry, milliseconds. It doubles, up to the longest. */
const RETRY_MS = 60_000;
const LAST_RETRY_MS = 3_600_000;

/** Makes storyboards and posters of broadcasts that are over: one at a time, off the hot path. */
export class Storyboards {
  readonly #deps: StoryboardsDeps;
  readonly #waiting = new Map<string, BroadcastRecord>();
  readonly #stopping = new AbortController();
  /** Retries that are scheduled while the store is down. */
  readonly #postponed = new Set<NodeJS.Timeout>();
  /** Failures of broadcasts that are retried. */
  readonly #failures = new LRUCache<string, number>({ max: MAX_WAITING });
  #working: Promise<void> | null = null;

  constructor(deps: StoryboardsDeps) {
    this.#deps = deps;
  }

  /** Queues a broadcast's storyboard; a second request for a queued one has no effect. */
  request(broadcast: BroadcastRecord): void {
    const key = folderOf(broadcast.channel, broadcast.id);
    if (this.#stopping.signal.aborted || broadcast.endMs === null || this.#waiting.size >= MAX_WAITING)
      return;
    this.#waiting.set(key, broadcast);
    this.#working ??= this.#work();
  }

  /** Resolves when the queue is empty. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Aborts the one in progress and empties the queue: the next start requests them again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.clear();
    for (const timer of this.#postponed) clearTimeout(timer);
    await this.#working;
  }

  /**
   * The description of a broadcast's storyboard; null when it has none.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async find(channel: string, id: string): Promise<Storyboard | null> {
    const bytes = await getIfThere(this.#deps.store, `${folderOf(channel, id)}storyboard.json`);
    if (bytes === null) return null;
    try {
      return storyboardSchema.parse(JSON.parse(bytes.toString('utf8')));
    } catch {
      return null;
    }
  }

  /** A sheet as JPEG, or null. @throws {StoreError} `store-unavailable` (503) */
  sheet(channel: string, id: string, sheet: number): Promise<Buffer | null> {
    return getIfThere(this.#deps.store, `${folderOf(channel, id)}sheet-${sheet}.jpg`);
  }

  /** The poster as JPEG, or null. @throws {StoreError} `store-unavailable` (503) */
  poster(channel: string, id: string): Promise<Buffer | null> {
    return getIfThere(this.#deps.store, `${folderOf(channel, id)}poster.jpg`);
  }

  /** Deletes the storyboard and poster of a broadcast. @throws {StoreError} `store-unavailable` (503) */
  async remove(channel: string, id: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#deps.store.list(folderOf(channel, id))) keys.push(key);
    await this.#deps.store.delete(keys);
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [key, broadcast] = next;
      this.#waiting.delete(key);
      const fields = { channel: broadcast.channel, broadcast: broadcast.id };
      try {
        await this.#make(broadcast);
        this.#failures.delete(key);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#deps.logger.warn(fields, `no storyboard: ${describeError(error)}`);
        if (error instanceof StoreError || isPassing(error)) this.#postpone(key, broadcast);
      }
    }
    this.#working = null;
  }

  #postpone(key: string, broadcast: BroadcastRecord): void {
    if (this.#postponed.size >= MAX_WAITING) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.min(
      LAST_RETRY_MS,
      (this.#deps.retryMs ?? RETRY_MS) * 2 ** Math.min(failures - 1, 6),
    );
    const timer = setTimeout(() => {
      this.#postponed.delete(timer);
      this.request(broadcast);
    }, delayMs);
    this.#postponed.add(timer);
  }

  async #make(broadcast: BroadcastRecord): Promise<void> {
    const { channel, id, startMs } = broadcast;
    // What was cut off is in no picture.
    const range = replayRange(broadcast) ?? { fromMs: startMs, toMs: startMs };
    const { index, reader, store, program } = this.#deps;
    const stored = await index.between(channel, range);
    const segments = stored.filter((segment) => !isLate(segment));
    const heights = new Map<string, number>();
    for (const { rendition, initHash } of segments) {
      if (heights.has(rendition)) continue;
      const init = await reader.init(channel, rendition, initHash);
      if (init?.kind === 'video') heights.set(rendition, init.heightPx);
    }
    const chosen = choosePictures(segments, heights);
    const [first] = chosen;
    if (first === undefined) return;
    const init = await reader.init(channel, first.rendition, first.initHash);
    if (init === null) return;
    const drawn: StoredSegment[] = [];
    const chunks = this.#chunks(channel, chosen, drawn);
    const posterAt = Math.floor(chosen.length * POSTER_SHARE);
    const { signal } = this.#stopping;
    const { sheets, poster } = await renderSheets(program, init.bytes, chunks, posterAt, signal);
    const folder = folderOf(channel, id);
    for (const [sheet, bytes] of sheets.entries()) await store.put(`${folder}sheet-${sheet}.jpg`, bytes);
    await store.put(`${folder}poster.jpg`, poster);
    const timesMs = drawn.map((segment) => Math.round(startMsOf(segment)));
    const storyboard: Storyboard = { timesMs, sheets: sheets.length };
    await store.put(`${folder}storyboard.json`, Buffer.from(JSON.stringify(storyboard), 'utf8'));
    this.#deps.onMade(channel, id);
  }

  /** @param drawn filled with the segments that existed */
  async *#chunks(
    channel: string,
    chosen: readonly StoredSegment[],
    drawn: StoredSegment[],
  ): AsyncGenerator<Buffer, void, undefined> {
    for (const segment of chosen) {
      const bytes = await this.#deps.reader.bytesOf(channel, segment);
      if (bytes === null) continue;
      drawn.push(segment);
      yield firstChunk(bytes);
    }
  }
}

/** Whether a failure may pass: the spool, or the index, could not be read. */
function isPassing(error: unknown): boolean {
  return error instanceof ArchiveError && error.code !== 'storyboard-failed';
}

function folderOf(channel: string, id: string): string {
  return `storyboards/${idInKey(channel)}/${idInKey(id)}/`;
}
