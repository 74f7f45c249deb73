import { randomBytes } from 'node:crypto';
import type { Logger } from '../../../shared/logger.ts';
import { RevalidatingCache } from './revalidating-cache.ts';
import {
  type Answer,
  type Attendee,
  type CallDecision,
  type Counts,
  type StoredCall,
  type Ledger,
  REACTION_BINS,
  type Recorded,
  type RosterEntry,
  unavailable,
  type Watcher,
} from '../ledger.ts';
import { readAnswer, readAttendee, readRoster } from '../file/log-record.ts';
import { RedisCalls } from './redis-calls.ts';
import { RedisConnection } from './redis-connection.ts';
import { pairsOf, parsed, type RedisReply } from './redis-reply.ts';
import { RECORD_SCRIPT } from './redis-scripts.ts';
import { RedisWatchedMinutes } from './redis-watched-minutes.ts';

/** What a ledger in Redis is opened with. */
export type RedisLedgerOptions = {
  /** May hold a password: kept out of logs and errors. */
  readonly redisUrl: string;
  readonly keepDays: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** A connection on which something was asked and nothing came for so long is given up, milliseconds. */
  readonly silentMs?: number;
};

const PREFIX = 'lectern:roll';
const DAY_S = 86_400;
/** Answers of one script: longer ones would hold up everybody else in Redis. */
const SCRIPT_MOST = 500;
/** Students that one command asks about. */
const SUBS_MOST = 1000;
/** A roster is asked for again after this, milliseconds. */
const ROSTER_FRESH_MS = 1000;
const CONNECTED_FRESH_MS = 1000;
const CONNECTED_COUNTS_MS = 5000;
/** Channels for hints; a gateway listens to all of them. */
const HINTS = 16;
const SCAN_COUNT = 1000;

/**
 * Keeps calls and answers in a Redis that flushes each command to its disk: for any number of gateways. One script records some
 * hundred answers of a call, so that they are one flush; what gateways tell each other is only a hint, and what is true is read.
 */
export class RedisLedger implements Ledger {
  readonly #link: RedisConnection;
  readonly #options: RedisLedgerOptions;
  readonly #gateway = randomBytes(6).toString('hex');
  readonly #listeners: ((channel: string) => void)[] = [];
  readonly #calls: RedisCalls;
  readonly #rosters: RevalidatingCache<readonly RosterEntry[]>;
  readonly #connected = new Map<string, { total: number; atMs: number }>();
  readonly #watchers: RedisWatchedMinutes;
  readonly #keepS: number;

  private constructor(options: RedisLedgerOptions) {
    this.#options = options;
    this.#keepS = options.keepDays * DAY_S;
    this.#link = new RedisConnection(options);
    const { nowMs } = options;
    this.#calls = new RedisCalls(this.#link, { keyOf: ofChannel, keepS: this.#keepS, nowMs });
    this.#rosters = new RevalidatingCache(ROSTER_FRESH_MS, nowMs);
    this.#watchers = new RedisWatchedMinutes(this.#link, PREFIX, this.#keepS);
  }

  /** Connects. A Redis that is away is said by `notReady`, and waited for. */
  static async open(options: RedisLedgerOptions): Promise<RedisLedger> {
    const ledger = new RedisLedger(options);
    await ledger.#link.open();
    const names = Array.from({ length: HINTS }, (_, i) => `${PREFIX}:hint:${i}`);
    ledger.#link.listen(names, (channel) => ledger.#hinted(channel));
    return ledger;
  }

  async openCall(
    call: StoredCall,
    nowMs: number,
  ): Promise<{ readonly kind: 'opened' } | { readonly kind: 'busy'; readonly call: StoredCall }> {
    await this.#link.wantDurable();
    const busy = await this.#calls.open(call, nowMs);
    if (busy !== null) return { kind: 'busy', call: busy };
    this.#tell(call.channel);
    return { kind: 'opened' };
  }

  async changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    await this.#link.wantDurable();
    const changed = await this.#calls.change(channel, callId, decide);
    if (changed !== null) this.#tell(channel);
    return changed;
  }

  async calls(channel: string): Promise<readonly StoredCall[]> {
    return this.#calls.all(channel);
  }

  async record(answers: readonly Answer[]): Promise<readonly Recorded[]> {
    await this.#link.wantDurable();
    const results = new Map<Answer, Recorded>();
    const scripts: Promise<void>[] = [];
    for (const own of byCall(answers).values()) {
      for (let from = 0; from < own.length; from += SCRIPT_MOST) {
        scripts.push(this.#recordSome(own.slice(from, from + SCRIPT_MOST), results));
      }
    }
    await Promise.all(scripts);
    // Other gateways see it with their next tick.
    for (const channel of new Set(answers.map((answer) => answer.channel))) this.#listen(channel);
    return answers.map((answer) => {
      const found = results.get(answer);
      if (found !== undefined) return found;
      throw unavailable('Redis gave no answer');
    });
  }

  async counts(_channel: string, callId: string): Promise<Counts> {
    const [counts, onRoster, asked] = await this.#link.sendAll([
      ['HGETALL', ofCall(callId, 'counts')],
      ['SCARD', ofCall(callId, 'roster')],
      ['HLEN', ofCall(callId, 'asked')],
    ]);
    const fields = pairsOf(counts ?? null);
    const values = new Map<number, number>();
    const reactions = Array.from({ length: REACTION_BINS }, () => 0);
    for (const [field, count] of fields) {
      if (field.startsWith('value:')) values.set(Number(field.slice('value:'.length)), Number(count));
      if (field.startsWith('bin:')) reactions[Number(field.slice('bin:'.length))] = Number(count);
    }
    const of = (name: string): number => Number(fields.get(name) ?? 0);
    return {
      ...{ present: of('present'), late: of('late'), replay: of('replay'), values, reactions },
      ...{ onRoster: Number(onRoster ?? 0), asked: Number(asked ?? 0) },
    };
  }

  async answersOf(
    _channel: string,
    callId: string,
    subs: readonly string[],
  ): Promise<readonly (Answer | null)[]> {
    const commands: string[][] = [];
    for (let from = 0; from < subs.length; from += SUBS_MOST) {
      commands.push(['HMGET', ofCall(callId, 'answers'), ...subs.slice(from, from + SUBS_MOST)]);
    }
    const found = commands.length === 0 ? [] : (await this.#link.sendAll(commands)).flat();
    return subs.map((_, i) => {
      const text = found[i];
      return typeof text === 'string' ? parsed(text, readAnswer) : null;
    });
  }

  async newestAnswers(
    channel: string,
    callId: string,
    after: string | null,
    most: number,
  ): Promise<{ readonly cursor: string | null; readonly answers: readonly Answer[] }> {
    const from = after === null ? '-' : `(${after}`;
    const reply = await this.#link.send('XREVRANGE', ofCall(callId, 'order'), '+', from, 'COUNT', most);
    const entries = (Array.isArray(reply) ? reply : []).map((entry: RedisReply) => {
      const [id, fields] = Array.isArray(entry) ? entry : [];
      return { id: String(id), sub: String(Array.isArray(fields) ? fields[1] : '') };
    });
    const [newest] = entries;
    if (newest === undefined) return { cursor: after, answers: [] };
    const subs = entries.toReversed().map(({ sub }) => sub);
    const answers = await this.answersOf(channel, callId, subs);
    return { cursor: newest.id, answers: answers.filter((answer) => answer !== null) };
  }

  async *answers(_channel: string, callId: string): AsyncIterable<Answer> {
    for await (const [, text] of this.#link.scan(ofCall(callId, 'answers'), SCAN_COUNT)) {
      const answer = parsed(text, readAnswer);
      if (answer !== null) yield answer;
    }
  }

  async noteAsked(_channel: string, callId: string, attendees: readonly Attendee[]): Promise<void> {
    const key = ofCall(callId, 'asked');
    const commands: (string | number)[][] = [];
    for (let from = 0; from < attendees.length; from += SCRIPT_MOST) {
      const some = attendees.slice(from, from + SCRIPT_MOST);
      commands.push(['HSET', key, ...some.flatMap((one) => [one.sub, JSON.stringify(one)])]);
    }
    if (commands.length === 0) return;
    await this.#link.sendAll([...commands, ['EXPIRE', key, this.#keepS]]);
  }

  async *asked(_channel: string, callId: string): AsyncIterable<Attendee> {
    for await (const [, text] of this.#link.scan(ofCall(callId, 'asked'), SCAN_COUNT)) {
      const attendee = parsed(text, readAttendee);
      if (attendee !== null) yield attendee;
    }
  }

  async connected(channel: string, here: number): Promise<number> {
    const nowMs = this.#options.nowMs();
    const known = this.#connected.get(channel);
    if (known !== undefined && Math.abs(nowMs - known.atMs) < CONNECTED_FRESH_MS) return known.total;
    const entry = { total: known?.total ?? here, atMs: nowMs };
    this.#connected.set(channel, entry);
    const key = ofChannel(channel, 'connected');
    const [, , all] = await this.#link.sendAll([
      ['HSET', key, this.#gateway, `${here} ${nowMs}`],
      ['EXPIRE', key, 60],
      ['HGETALL', key],
    ]);
    let total = 0;
    for (const text of pairsOf(all ?? null).values()) {
      const [count, atMs] = text.split(' ').map(Number);
      if (Math.abs(nowMs - (atMs ?? 0)) < CONNECTED_COUNTS_MS) total += count ?? 0;
    }
    entry.total = total;
    return total;
  }

  noteWatched(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): void {
    this.#watchers.note(channel, watched);
  }

  async *watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    yield* this.#watchers.between(channel, fromMinute, toMinute);
  }

  async putRoster(channel: string, roster: readonly RosterEntry[]): Promise<void> {
    await this.#link.wantDurable();
    const [key, versionKey] = [ofChannel(channel, 'roster'), ofChannel(channel, 'roster-version')];
    const version = randomBytes(8).toString('hex');
    // Both at once. They stay: a class has its list until it gets another one.
    await this.#link.send('MSET', key, JSON.stringify(roster), versionKey, version);
    this.#rosters.outdate(channel);
    this.#tell(channel);
  }

  async roster(channel: string): Promise<readonly RosterEntry[]> {
    return this.#rosters.get(channel, async (kept) => {
      const version = String((await this.#link.send('GET', ofChannel(channel, 'roster-version'))) ?? '');
      // It may have two megabytes.
      if (kept !== null && kept.version === version) return kept;
      const text = await this.#link.send('GET', ofChannel(channel, 'roster'));
      return { version, value: typeof text === 'string' ? (parsedList(text) ?? []) : [] };
    });
  }

  onHint(listener: (channel: string) => void): void {
    this.#listeners.push(listener);
  }

  notReady(): string | null {
    return this.#link.notReady();
  }

  async close(): Promise<void> {
    await this.#watchers.close();
    await this.#link.close();
  }

  async #recordSome(answers: readonly Answer[], results: Map<Answer, Recorded>): Promise<void> {
    const callId = answers[0]?.callId ?? '';
    const keys = ['answers', 'ids', 'counts', 'roster', 'order'].map((name) => ofCall(callId, name));
    const args: (string | number)[] = [this.#keepS];
    for (const answer of answers) {
      const { sub, answerId, status, rosterId, value, reactionMs } = answer;
      const bin = Math.min(REACTION_BINS - 1, Math.floor(reactionMs / 100));
      const counted = typeof value === 'number' ? value : '';
      args.push(sub, answerId, JSON.stringify(answer), status, rosterId ?? '', counted, bin);
    }
    const reply = await this.#link.run(RECORD_SCRIPT, keys, args);
    const outcomes = Array.isArray(reply) ? reply : [];
    for (const [i, answer] of answers.entries()) {
      const outcome: RedisReply = outcomes[i] ?? null;
      const stood = typeof outcome === 'string' ? parsed(outcome, readAnswer) : null;
      if (outcome === 1) results.set(answer, { kind: 'stands', answer });
      else if (outcome === 0) results.set(answer, { kind: 'id-taken' });
      else if (stood !== null) {
        results.set(answer, {
          kind: stood.answerId === answer.answerId ? 'stands' : 'duplicate',
          answer: stood,
        });
      }
    }
  }

  /** Tells all gateways, this one at once, that something of a channel has changed. */
  #tell(channel: string): void {
    this.#hinted(channel);
    const name = `${PREFIX}:hint:${Buffer.from(channel).reduce((sum, byte) => sum + byte, 0) % HINTS}`;
    this.#link.send('SPUBLISH', name, channel).catch(() => {});
  }

  #hinted(channel: string): void {
    this.#calls.outdate(channel);
    this.#listen(channel);
  }

  #listen(channel: string): void {
    for (const listener of this.#listeners) listener(channel);
  }
}

function ofChannel(channel: string, name: string): string {
  return `${PREFIX}:{${channel}}:${name}`;
}

function ofCall(callId: string, name: string): string {
  return `${PREFIX}:{call-${callId}}:${name}`;
}

function byCall(answers: readonly Answer[]): Map<string, Answer[]> {
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) {
    const own = groups.get(answer.callId);
    if (own === undefined) groups.set(answer.callId, [answer]);
    else own.push(answer);
  }
  return groups;
}

function parsedList(text: string): readonly RosterEntry[] | null {
  try {
    return readRoster(JSON.parse(text));
  } catch {
    return null;
  }
}
