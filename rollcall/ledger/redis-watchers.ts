import type { Attendee, Watcher } from './ledger.ts';
import { isRecord } from '../protocol/checked.ts';
import type { RedisLink } from './redis-link.ts';

const HOUR = 60;
const SCAN_COUNT = 500;

/** Who watched which minutes, in Redis: a bitmap of sixty bits a student and hour, so that minutes told twice count once. */
export class RedisWatchers {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #keepS: number;

  constructor(link: RedisLink, prefix: string, keepS: number) {
    this.#link = link;
    this.#prefix = prefix;
    this.#keepS = keepS;
  }

  /**
   * Notes minutes.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async note(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): Promise<void> {
    const commands = watched.flatMap(({ sub, name, rosterId, minute }) => {
      const hour = Math.floor(minute / HOUR);
      const [people, bits] = [this.#people(channel, hour), this.#bits(channel, hour, sub)];
      return [
        ['HSET', people, sub, JSON.stringify({ name, rosterId })],
        ['EXPIRE', people, this.#keepS],
        ['SETBIT', bits, minute % HOUR, 1],
        ['EXPIRE', bits, this.#keepS],
      ];
    });
    await this.#link.sendAll(commands);
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
