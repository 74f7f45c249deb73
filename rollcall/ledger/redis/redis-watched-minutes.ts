import type { Attendee, WatchedMinute, Watcher } from '../ledger.ts';
import { groupBy } from './group-by.ts';
import type { RedisConnection } from './redis-connection.ts';
import { channelKey } from './redis-keys.ts';
import { parsed, type RedisReply } from './redis-reply.ts';

/** Minutes in one bitmap. */
const HOUR = 60;
const SCAN_COUNT = 500;
/** How often minutes are written, milliseconds. */
const WRITE_EVERY_MS = 500;
/** Most minutes of one pipeline. */
const PIPELINE_MAX = 500;
/** Most minutes that wait for Redis: ten of 20,000 students. Further ones are discarded. */
const PENDING_MAX = 200_000;

/** What of a connection is used. */
type Connection = Pick<RedisConnection, 'sendAll' | 'scan'>;
type Pending = WatchedMinute & { readonly channel: string };
type Students = Map<string, Attendee & { readonly minutes: number[] }>;

/** Watched minutes in Redis: a bitmap of sixty bits for each student and hour, so that a minute counts once. */
export class RedisWatchedMinutes {
  readonly #connection: Connection;
  readonly #keepS: number;
  /** Not written yet, each minute of a student once. */
  readonly #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param keepS after so many seconds the keys of an hour expire */
  constructor(connection: Connection, keepS: number) {
    this.#connection = connection;
    this.#keepS = keepS;
  }

  /** Adds minutes. They are written within half a second; a failed write is retried. */
  note(channel: string, watched: readonly WatchedMinute[]): void {
    for (const { sub, name, rosterId, minute } of watched) {
      if (this.#pending.size >= PENDING_MAX) return;
      const pending = { channel, sub, name, rosterId, minute };
      this.#pending.set(pendingKey(pending), pending);
    }
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
  }

  /** Removes students of a channel from what is not written yet. @param isToGo tells which */
  discard(channel: string, isToGo: (attendee: Attendee) => boolean): void {
    for (const [key, pending] of this.#pending) {
      if (pending.channel === channel && isToGo(pending)) this.#pending.delete(key);
    }
  }

  /** Writes what is pending, once. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
    clearTimeout(this.#timer);
  }

  /**
   * Yields the students who watched any minute of a range, both ends inclusive.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async *between(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    const found: Students = new Map();
    for (let hour = Math.floor(fromMinute / HOUR); hour <= Math.floor(toMinute / HOUR); hour++) {
      let page: Attendee[] = [];
      for await (const [sub, text] of this.#connection.scan(studentsKey(channel, hour), SCAN_COUNT)) {
        page.push(readStudent(sub, text));
        if (page.length < SCAN_COUNT) continue;
        await this.#readMinutes(found, channel, hour, page);
        page = [];
      }
      await this.#readMinutes(found, channel, hour, page);
    }
    for (const watcher of found.values()) {
      const minutes = watcher.minutes.filter((minute) => minute >= fromMinute && minute <= toMinute);
      if (minutes.length > 0) yield { ...watcher, minutes };
    }
  }

  #write(): Promise<void> {
    this.#writing = this.#writeAll().finally(() => {
      this.#timer =
        this.#pending.size === 0 ? undefined : setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const all = [...this.#pending];
    for (let from = 0; from < all.length; from += PIPELINE_MAX) {
      const batch = all.slice(from, from + PIPELINE_MAX);
      try {
        // In a cluster two channels may be at different servers.
        const byChannel = groupBy(
          batch.map(([, pending]) => pending),
          ({ channel }) => channel,
        );
        for (const own of byChannel.values()) {
          // Whoever was erased while other batches were on their way is not written any more.
          const left = own.filter((pending) => this.#pending.get(pendingKey(pending)) === pending);
          if (left.length > 0) await this.#connection.sendAll(this.#commands(left));
        }
      } catch {
        // The connection logs why. Everything is retried: setting a bit twice changes nothing.
        return;
      }
      for (const [key, pending] of batch) if (this.#pending.get(key) === pending) this.#pending.delete(key);
    }
  }

  #commands(minutes: readonly Pending[]): (string | number)[][] {
    const fieldsByKey = new Map<string, string[]>();
    const commands: (string | number)[][] = [];
    for (const { channel, sub, name, rosterId, minute } of minutes) {
      const hour = Math.floor(minute / HOUR);
      const [key, bits] = [studentsKey(channel, hour), bitsKey(channel, hour, sub)];
      const fields = fieldsByKey.get(key) ?? [];
      fields.push(sub, JSON.stringify({ name, rosterId }));
      fieldsByKey.set(key, fields);
      commands.push(['SETBIT', bits, minute % HOUR, 1], ['EXPIRE', bits, this.#keepS]);
    }
    for (const [key, fields] of fieldsByKey) {
      commands.push(['HSET', key, ...fields], ['EXPIRE', key, this.#keepS]);
    }
    return commands;
  }

  async #readMinutes(
    found: Students,
    channel: string,
    hour: number,
    students: readonly Attendee[],
  ): Promise<void> {
    if (students.length === 0) return;
    // As two numbers of 30 bits: the bitmap itself is not valid UTF-8.
    const fields = ['GET', 'u30', 0, 'GET', 'u30', 30];
    const replies = await this.#connection.sendAll(
      students.map(({ sub }) => ['BITFIELD_RO', bitsKey(channel, hour, sub), ...fields]),
    );
    for (const [i, student] of students.entries()) {
      // Hours are read in their order: her name is that of the last one.
      const minutes = found.get(student.sub)?.minutes ?? [];
      found.set(student.sub, { ...student, minutes });
      for (const minute of minutesOf(replies[i])) minutes.push(hour * HOUR + minute);
    }
  }
}

/** The minutes of an hour whose bits are set, by the reply to two reads of 30 bits. */
export function minutesOf(reply: RedisReply | undefined): number[] {
  const halves = Array.isArray(reply) ? reply.map(Number) : [];
  return Array.from({ length: HOUR }, (_, minute) => minute).filter((minute) => {
    const half = halves[Math.floor(minute / 30)] ?? 0;
    // The first bit is the highest one.
    return (half & (1 << (29 - (minute % 30)))) !== 0;
  });
}

function pendingKey({ channel, minute, sub }: Pending): string {
  return `${channel} ${minute} ${sub}`;
}

function studentsKey(channel: string, hour: number): string {
  return channelKey(channel, `watched:${hour}`);
}

function bitsKey(channel: string, hour: number, sub: string): string {
  return channelKey(channel, `minutes:${hour}:${sub}`);
}

/** Where another version of the program has stored a student differently, her id is used as her name. */
export function readStudent(sub: string, text: string): Attendee {
  const student = parsed(text, ({ name, rosterId }) =>
    typeof name === 'string' ? { sub, name, rosterId: typeof rosterId === 'string' ? rosterId : null } : null,
  );
  return student ?? { sub, name: sub, rosterId: null };
}
