import { type Answer, type Attendee, type RosterEntry, type StudentData, type Watcher } from '../ledger.ts';
import { readAnswer, readAttendee } from '../stored-records.ts';
import { isOfStudent } from '../student-data.ts';
import type { RedisConnection } from './redis-connection.ts';
import {
  ANSWER_KEYS,
  callIdOf,
  callKey,
  callKeyPattern,
  channelKey,
  channelOf,
  channelKeyPattern,
} from './redis-keys.ts';
import { parsed, textsOf } from './redis-reply.ts';
import type { RedisRosters } from './redis-rosters.ts';
import { ERASE_ANSWER_SCRIPT, ERASE_CHANGED_SCRIPT } from './redis-scripts.ts';
import { minutesOf, readStudent } from './redis-watched-minutes.ts';

const SCAN_COUNT = 1000;
const HOUR = 60;

/** The answer of a student that counts as it is stored, and those that she has changed. */
type FoundAnswer = { readonly text: string; readonly answer: Answer; readonly earlier: readonly Answer[] };
type FoundAsked = Attendee & { readonly callId: string };
type FoundHour = { readonly key: string; readonly hour: number; readonly attendee: Attendee };

/** What is found of a student, with what it takes to erase it. */
type Found = {
  readonly roster: readonly RosterEntry[];
  readonly answers: readonly FoundAnswer[];
  /** Answers that she has changed, where the one that counts is not hers: it has another name. */
  readonly changed: readonly Answer[];
  readonly asked: readonly FoundAsked[];
  readonly hours: readonly FoundHour[];
};

/** All that Redis has of one student in a channel. Keys are looked for, since calls are forgotten before their answers expire. */
export class RedisStudentData {
  readonly #connection: RedisConnection;
  readonly #rosters: RedisRosters;

  constructor(connection: RedisConnection, rosters: RedisRosters) {
    this.#connection = connection;
    this.#rosters = rosters;
  }

  /** As `Ledger.studentData`. @throws {LedgerError} `ledger-unavailable` (503) */
  async read(channel: string, id: string): Promise<StudentData> {
    return this.#dataOf(channel, await this.#find(channel, id));
  }

  /** As `Ledger.eraseStudent`. @throws {LedgerError} `ledger-unavailable` (503) */
  async erase(channel: string, id: string): Promise<StudentData> {
    const found = await this.#find(channel, id);
    const data = await this.#dataOf(channel, found);
    await this.#rosters.remove(channel, id);
    for (const { text, answer } of found.answers) await this.#eraseAnswers(text, answer);
    for (const answer of found.changed) await this.#eraseChanged(answer);
    for (const { callId, sub } of found.asked) {
      await this.#connection.send('HDEL', callKey(callId, 'asked'), sub);
    }
    for (const { key, hour, attendee } of found.hours) {
      await this.#connection.send('HDEL', key, attendee.sub);
      await this.#connection.send('DEL', channelKey(channel, `minutes:${hour}:${attendee.sub}`));
    }
    // What was erased stands in the append-only file until it is written anew. A Redis that may not, or is at it, does so later.
    await this.#connection.send('BGREWRITEAOF').catch(() => {});
    return data;
  }

  async #find(channel: string, id: string): Promise<Found> {
    const isHers = (one: Pick<Attendee, 'sub' | 'rosterId'>): boolean => isOfStudent(id, one);
    const answers: FoundAnswer[] = [];
    const changed: Answer[] = [];
    const asked: FoundAsked[] = [];
    const hours: FoundHour[] = [];
    const otherCalls = await this.#callsOfOthers(channel);
    // Another gateway may have just put a list.
    this.#rosters.invalidate(channel);
    for await (const key of this.#keys(callKeyPattern('answers'))) {
      for await (const [, text] of this.#connection.scan(key, SCAN_COUNT)) {
        const answer = parsed(text, readAnswer);
        // All answers of a call are of one channel.
        if (answer !== null && answer.channel !== channel) break;
        if (answer !== null && isHers(answer)) {
          answers.push({ text, answer, earlier: await this.#earlier(answer) });
        }
      }
    }
    const found = new Set(answers.map(({ answer: { callId, sub } }) => `${callId}/${sub}`));
    for await (const key of this.#keys(callKeyPattern('earlier'))) {
      for await (const [, lines] of this.#connection.scan(key, SCAN_COUNT)) {
        const own = readLines(lines).filter((answer) => answer.channel === channel && isHers(answer));
        changed.push(...own.filter(({ callId, sub }) => !found.has(`${callId}/${sub}`)));
      }
    }
    for await (const key of this.#keys(callKeyPattern('asked'))) {
      const callId = callIdOf(key);
      if (otherCalls.has(callId)) continue;
      for await (const [, text] of this.#connection.scan(key, SCAN_COUNT)) {
        const attendee = parsed(text, readAttendee);
        if (attendee !== null && isHers(attendee)) asked.push({ callId, ...attendee });
      }
    }
    for await (const key of this.#keys(channelKeyPattern(channel, 'watched:*'))) {
      const hour = Number(key.slice(channelKey(channel, 'watched:').length));
      for await (const [sub, text] of this.#connection.scan(key, SCAN_COUNT)) {
        const attendee = readStudent(sub, text);
        if (isHers(attendee)) hours.push({ key, hour, attendee });
      }
    }
    const roster = (await this.#rosters.get(channel)).filter((entry) => entry.id === id);
    return { roster, answers, changed, asked, hours };
  }

  async #dataOf(channel: string, { roster, answers, changed, asked, hours }: Found): Promise<StudentData> {
    const watchers = new Map<string, Watcher & { readonly minutes: number[] }>();
    // Her name is that of the last hour.
    for (const { hour, attendee } of hours.toSorted((a, b) => a.hour - b.hour)) {
      const own = { ...attendee, minutes: watchers.get(attendee.sub)?.minutes ?? [] };
      watchers.set(attendee.sub, own);
      const key = channelKey(channel, `minutes:${hour}:${attendee.sub}`);
      const reply = await this.#connection.send('BITFIELD_RO', key, 'GET', 'u30', 0, 'GET', 'u30', 30);
      for (const minute of minutesOf(reply)) own.minutes.push(hour * HOUR + minute);
    }
    return {
      ...{ roster, asked },
      answers: [...changed, ...answers.flatMap(({ earlier, answer }) => [...earlier, answer])],
      watched: [...watchers.values()].map((one) => ({
        ...one,
        minutes: one.minutes.toSorted((a, b) => a - b),
      })),
    };
  }

  /** Erases the answers of a student to a call; again where she has changed hers meanwhile. */
  async #eraseAnswers(text: string, answer: Answer): Promise<void> {
    const { callId, sub } = answer;
    const keys = [...ANSWER_KEYS, 'roster'].map((name) => callKey(callId, name));
    let counting: { readonly text: string; readonly answer: Answer } | null = { text, answer };
    while (counting !== null) {
      const args = [sub, counting.answer.answerId, counting.text, counting.answer.rosterId ?? ''];
      if ((await this.#connection.run(ERASE_ANSWER_SCRIPT, keys, args)) === 1) return;
      const now = await this.#connection.send('HGET', callKey(callId, 'answers'), sub);
      const read = typeof now === 'string' ? parsed(now, readAnswer) : null;
      counting = read === null ? null : { text: String(now), answer: read };
    }
  }

  /** The answers that a student has changed, oldest first. */
  async #earlier({ callId, sub }: Answer): Promise<readonly Answer[]> {
    const lines = await this.#connection.send('HGET', callKey(callId, 'earlier'), sub);
    return readLines(typeof lines === 'string' ? lines : '');
  }

  async #eraseChanged({ callId, sub, answerId }: Answer): Promise<void> {
    const keys = ['earlier', 'ids'].map((name) => callKey(callId, name));
    await this.#connection.run(ERASE_CHANGED_SCRIPT, keys, [sub, answerId]);
  }

  /** Ids of the calls that other channels know. */
  async #callsOfOthers(channel: string): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const key of this.#keys(channelKeyPattern('*', 'calls'))) {
      if (channelOf(key) === channel) continue;
      for (const id of textsOf(await this.#connection.send('HKEYS', key))) ids.add(id);
    }
    return ids;
  }

  async *#keys(pattern: string): AsyncIterable<string> {
    // SCAN may return a key twice.
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const reply = await this.#connection.send('SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
      const [next, keys] = Array.isArray(reply) ? reply : [];
      cursor = String(next ?? '0');
      for (const key of textsOf(keys ?? null)) {
        if (seen.has(key)) continue;
        seen.add(key);
        yield key;
      }
    } while (cursor !== '0');
  }
}

/** Reads answers that were changed, a line each. */
function readLines(lines: string): readonly Answer[] {
  return lines.split('\n').flatMap((line) => parsed(line, readAnswer) ?? []);
}
