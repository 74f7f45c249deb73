import { describeError } from '../../shared/errors.ts';
import { segmentStartMs } from '../../shared/grid.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import {
  dayOf,
  indexKey,
  initKey,
  mediaPrefix,
  parseSegmentKey,
  segmentKey,
} from '../archive/archive-keys.ts';
import { BlockStore } from '../archive/block-store.ts';
import { blocksBetween } from '../archive/index-block.ts';
import { isWithin, type TimeRange } from '../archive/time-range.ts';
import { gridStartMsOf } from '../packager/recording/stored-segment.ts';
import type { BroadcastRecord } from './broadcast-record.ts';
import { BroadcastStore } from './broadcast-store.ts';

/** What a comparison found. */
export type Compared = {
  readonly broadcasts: number;
  readonly segments: number;
  /** Listed in the index, and not in the store; init segments count as one. */
  readonly missing: number;
  /** In the store, and not listed. */
  readonly extra: number;
  /** Listed with another size than the object has. */
  readonly otherSize: number;
  /** Broadcasts that could not be compared. */
  readonly unread: number;
};

/** Names of each kind that are reported of one broadcast. */
const NAMED = 5;
const READS_AT_ONCE = 8;
/** After so many broadcasts in a row that cannot be read the store counts as down. */
const MAX_FAILURES = 8;
/** What ended less than this ago may not be stored and listed as a whole yet, milliseconds. */
const SETTLED_MS = 600_000;
const DAY_MS = 86_400_000;

type Fault = 'missing' | 'extra' | 'otherSize';
const FAULTS: readonly (readonly [fault: Fault, word: string])[] = [
  ['missing', 'missing'],
  ['extra', 'extra'],
  ['otherSize', 'of another size'],
];

/**
 * Compares the index of each broadcast with the objects in the store. Nothing is changed, so it may run beside origins. One that is on
 * air, or ended a moment ago, is left out, and so is what was deleted.
 *
 * @param channel one channel only; all when it is left out
 * @param nowMs UTC milliseconds
 * @param report called with a line for each broadcast, and for what is wrong with it
 * @throws {StoreError} when the broadcasts cannot be listed, or the store gives nothing any more
 */
export async function compareArchive(
  store: ObjectStore,
  channel: string | undefined,
  nowMs: number,
  report: (line: string) => void,
): Promise<Compared> {
  const { broadcasts, unread } = await readBroadcasts(store, channel, report);
  const days = new MediaDays(store);
  const total = { broadcasts: 0, segments: 0, missing: 0, extra: 0, otherSize: 0, unread };
  let failuresInARow = 0;
  for (const [at, broadcast] of broadcasts.entries()) {
    const name = `[${at + 1}/${broadcasts.length}] ${nameOf(broadcast)}`;
    const { startMs, endMs } = broadcast;
    if (endMs === null || endMs > nowMs - SETTLED_MS) {
      report(`${name}: ${endMs === null ? 'on air' : 'ended a moment ago'}, not compared`);
      continue;
    }
    try {
      const range = { fromMs: startMs, toMs: endMs };
      const { segments, faults } = await compareBroadcast(store, days, broadcast.channel, range);
      const found = FAULTS.flatMap(([fault, word]) =>
        faults[fault].length === 0 ? [] : [`${faults[fault].length} ${word}`],
      );
      report(`${name}: ${segments} segments, ${found.length === 0 ? 'all there' : found.join(', ')}`);
      for (const [fault, word] of FAULTS) {
        for (const line of faults[fault].slice(0, NAMED)) report(`  ${word}: ${line}`);
        total[fault] += faults[fault].length;
      }
      total.broadcasts += 1;
      total.segments += segments;
      failuresInARow = 0;
    } catch (error) {
      report(`${name}: cannot be compared, ${describeError(error)}`);
      total.unread += 1;
      failuresInARow += 1;
      if (!(error instanceof StoreError) || failuresInARow < MAX_FAILURES) continue;
      throw error;
    }
  }
  return total;
}

function nameOf({ channel, startMs, title }: BroadcastRecord): string {
  return `${channel} ${new Date(startMs).toISOString().slice(0, 16)} ${title}`;
}

/** The broadcasts that were not deleted, channel by channel, oldest first. */
async function readBroadcasts(
  store: ObjectStore,
  channel: string | undefined,
  report: (line: string) => void,
): Promise<{ readonly broadcasts: readonly BroadcastRecord[]; readonly unread: number }> {
  const records = new BroadcastStore(store);
  const keys: string[] = [];
  for await (const { key } of records.list(channel)) keys.push(key);
  report(`${keys.length} broadcasts are read`);
  const broadcasts: BroadcastRecord[] = [];
  let unread = 0;
  await forEachBounded(keys, READS_AT_ONCE, async (key) => {
    try {
      const broadcast = await records.read(key);
      if (broadcast !== null && broadcast.deletedMs === undefined) broadcasts.push(broadcast);
    } catch (error) {
      unread += 1;
      report(`${key}: cannot be read, ${describeError(error)}`);
    }
  });
  broadcasts.sort((a, b) => (a.channel < b.channel ? -1 : a.channel > b.channel ? 1 : a.startMs - b.startMs));
  return { broadcasts, unread };
}

async function compareBroadcast(
  store: ObjectStore,
  days: MediaDays,
  channel: string,
  range: TimeRange,
): Promise<{ readonly segments: number; readonly faults: Readonly<Record<Fault, string[]>> }> {
  const faults: Record<Fault, string[]> = { missing: [], extra: [], otherSize: [] };
  const objects = await days.between(channel, range);
  const blocks = new BlockStore(store, () => 0, 1);
  const inits = new Set<string>();
  const listed = new Set<string>();
  for (const blockMs of blocksBetween(range.fromMs, range.toMs)) {
    for (const segment of await blocks.read(indexKey(channel, blockMs))) {
      const startMs = gridStartMsOf(segment);
      if (!isWithin(startMs, range)) continue;
      const key = segmentKey(channel, startMs, segment);
      listed.add(key);
      inits.add(initKey(channel, segment.rendition, segment.initHash));
      const sizeBytes = objects.get(key);
      if (sizeBytes === undefined) faults.missing.push(key);
      else if (sizeBytes !== segment.sizeBytes)
        faults.otherSize.push(`${key} has ${sizeBytes} bytes, want ${segment.sizeBytes}`);
    }
  }
  for (const key of inits) if ((await store.stat(key)) === null) faults.missing.push(key);
  for (const key of objects.keys()) if (!listed.has(key)) faults.extra.push(key);
  return { segments: listed.size, faults };
}

/** Sizes of the stored segments of a channel, listed a day at a time: the days of one broadcast are in memory. */
class MediaDays {
  readonly #store: Pick<ObjectStore, 'list'>;
  /** By prefix. */
  #days = new Map<string, ReadonlyMap<string, number>>();

  constructor(store: Pick<ObjectStore, 'list'>) {
    this.#store = store;
  }

  /** Keys and sizes, in bytes, of the segments that begin in a range. */
  async between(channel: string, range: TimeRange): Promise<ReadonlyMap<string, number>> {
    const days = new Map<string, ReadonlyMap<string, number>>();
    const found = new Map<string, number>();
    for (let atMs = Math.floor(range.fromMs / DAY_MS) * DAY_MS; atMs < range.toMs; atMs += DAY_MS) {
      const prefix = `${mediaPrefix(channel)}${dayOf(atMs)}/`;
      const day = this.#days.get(prefix) ?? (await this.#list(prefix));
      days.set(prefix, day);
      for (const [key, sizeBytes] of day) {
        const startMs = startOfKey(key);
        if (startMs !== null && isWithin(startMs, range)) found.set(key, sizeBytes);
      }
    }
    this.#days = days;
    return found;
  }

  async #list(prefix: string): Promise<ReadonlyMap<string, number>> {
    const day = new Map<string, number>();
    for await (const { key, sizeBytes } of this.#store.list(prefix)) day.set(key, sizeBytes);
    return day;
  }
}

/** When a segment begins by its key, UTC milliseconds: its number is on the grid that gives the key's day. null for no segment. */
function startOfKey(key: string): number | null {
  const segment = parseSegmentKey(key);
  if (segment === null) return null;
  const day = key.split('/')[2];
  const startsMs = [1, 2].map((gridUnits) => segmentStartMs(segment.number, gridUnits));
  return startsMs.find((startMs) => startMs <= 8.64e15 && dayOf(startMs) === day) ?? null;
}
