import { isRecord } from '../../protocol/checked.ts';
import type { Attendee, Watcher } from '../ledger.ts';
import type { RedisConnection } from './redis-connection.ts';

const HOUR = 60;
const SCAN_COUNT = 500;
/** What is told in this time is written together, milliseconds. */
const WRITE_EVERY_MS = 500;
/** Minutes that one pipeline writes. */
const WRITE_MOST = 500;
/** While Redis is away so many wait: ten minutes of 20,000 students. What comes then is left out. */
const WAITING_MOST = 200_000;

type Note = Attendee & { readonly channel: string; readonly minute: number };

/** Who watched which minutes, in Redis: a bitmap of sixty bits a student and hour, so that minutes told twice count once. */
export class RedisWatchedMinutes {
  readonly #link: RedisConnection;
  readonly #prefix: string;
  readonly #keepS: number;
  /** What is not written yet, each minute of a student once. */
  readonly #waiting = new Map<string, Note>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(link: RedisConnection, prefix: string, keepS: number) {
    this.#link = link;
    this.#prefix = prefix;
    this.#keepS = keepS;
  }

  /** Notes minutes. They are written soon, with all that come meanwhile, and tried again until Redis takes them. */
  note(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): void {
    for (const { sub, name, rosterId, minute } of watched) {
      if (this.#waiting.size >= WAITING_MOST) return;
      this.#waiting.set(`${channel} ${minute} ${sub}`, { channel, sub, name, rosterId, minute });
    }
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
  }

  /** Writes what waits, if Redis takes it now. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
    clearTimeout(this.#timer);
  }

  #write(): Promise<void> {
    this.#writing = this.#writeAll().finally(() => {
      this.#timer =
        this.#waiting.size === 0 ? undefined : setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const all = [...this.#waiting];
    for (let from = 0; from < all.length; from += WRITE_MOST) {
      const some = all.slice(from, from + WRITE_MOST);
      try {
        for (const own of byChannel(some.map(([, note]) => note))) {
          await this.#link.sendAll(this.#commands(own));
        }
      } catch {
        // The link says why. They wait for the next time; what was written already is the same written again.
        return;
      }
      for (const [key, note] of some) if (this.#waiting.get(key) === note) this.#waiting.delete(key);
    }
  }

  #commands(notes: readonly Note[]): (string | number)[][] {
    const people = new Map<string, string[]>();
    const commands: (string | number)[][] = [];
    for (const { channel, sub, name, rosterId, minute } of notes) {
      const hour = Math.floor(minute / HOUR);
      const [key, bits] = [this.#people(channel, hour), this.#bits(channel, hour, sub)];
      const fields = people.get(key) ?? [];
      fields.push(sub, JSON.stringify({ name, rosterId }));
      people.set(key, fields);
      commands.push(['SETBIT', bits, minute % HOUR, 1], ['EXPIRE', bits, this.#keepS]);
    }
    for (const [key, fields] of people) {
      commands.push(['HSET', key, ...fields], ['EXPIRE', key, this.#keepS]);
    }
    return commands;
  }

  /**
   * Gives those who were there in some minutes, both ends inclusive.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async *between(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    const found = new Map<string, Attendee & { readonly minutes: number[] }>();
    for (let hour = Math.floor(fromMinute / HOUR); hour <= Math.floor(toMinute / HOUR); hour++) {
      let page: [sub: string, text: string][] = [];
      for await (const pair of this.#link.scan(this.#people(channel, hour), SCAN_COUNT)) {
        page.push(pair);
        if (page.length < SCAN_COUNT) continue;
        await this.#add(found, channel, hour, page);
        page = [];
      }
      await this.#add(found, channel, hour, page);
    }
    for (const watcher of found.values()) {
      const minutes = watcher.minutes.filter((minute) => minute >= fromMinute && minute <= toMinute);
      if (minutes.length > 0) yield { ...watcher, minutes };
    }
  }

  async #add(
    found: Map<string, Attendee & { readonly minutes: number[] }>,
    channel: string,
    hour: number,
    page: readonly [sub: string, text: string][],
  ): Promise<void> {
    if (page.length === 0) return;
    // As numbers: a reply of bytes is no text.
    const fields = ['GET', 'u30', 0, 'GET', 'u30', 30];
    const replies = await this.#link.sendAll(
      page.map(([sub]) => ['BITFIELD_RO', this.#bits(channel, hour, sub), ...fields]),
    );
    for (const [i, [sub, text]] of page.entries()) {
      const known = found.get(sub) ?? { ...readPerson(sub, text), minutes: [] };
      found.set(sub, known);
      const reply = replies[i];
      const halves = Array.isArray(reply) ? reply.map(Number) : [];
      for (let minute = 0; minute < HOUR; minute++) {
        const half = halves[Math.floor(minute / 30)] ?? 0;
        // The first bit is the highest one.
        if ((half & (1 << (29 - (minute % 30)))) !== 0) known.minutes.push(hour * HOUR + minute);
      }
    }
  }

  #people(channel: string, hour: number): string {
    return `${this.#prefix}:{${channel}}:watched:${hour}`;
  }

  #bits(channel: string, hour: number, sub: string): string {
    return `${this.#prefix}:{${channel}}:minutes:${hour}:${sub}`;
  }
}

/** In a cluster the keys of one channel lie together, those of two may not. */
function byChannel(notes: readonly Note[]): Iterable<readonly Note[]> {
  const groups = new Map<string, Note[]>();
  for (const note of notes) {
    const own = groups.get(note.channel);
    if (own === undefined) groups.set(note.channel, [note]);
    else own.push(note);
  }
  return groups.values();
}

function readPerson(sub: string, text: string): Attendee {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && typeof value['name'] === 'string') {
      const { name, rosterId } = value;
      return { sub, name, rosterId: typeof rosterId === 'string' ? rosterId : null };
    }
  } catch {
    // Another version wrote it: her id is her name then.
  }
  return { sub, name: sub, rosterId: null };
}
