import {
  type Answer,
  type Attendee,
  type Counts,
  type NewestAnswers,
  REACTION_BINS,
  reactionBin,
  type Recorded,
  unavailable,
} from '../ledger.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { readAnswer, readAttendee } from '../stored-records.ts';
import { groupBy } from './group-by.ts';
import type { RedisConnection } from './redis-connection.ts';
import { ANSWER_KEYS, callKey } from './redis-keys.ts';
import { pairsOf, parsed, type RedisReply } from './redis-reply.ts';
import { RECORD_SCRIPT } from './redis-scripts.ts';

/** Most answers of one script, or students of one command: longer ones would hold up all other clients of Redis. */
const BATCH_MAX = 500;
/** Most students that one command looks up. */
const LOOKUP_MAX = 1000;
const SCAN_COUNT = 1000;

/** The answers of calls in Redis, and the students who were asked. */
export class RedisAnswers {
  readonly #connection: RedisConnection;
  readonly #keepS: number;

  /** @param keepS after so many seconds without a change a call's keys expire */
  constructor(connection: RedisConnection, keepS: number) {
    this.#connection = connection;
    this.#keepS = keepS;
  }

  /**
   * Records answers, as `Ledger.record` does.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async record(answers: readonly Answer[]): Promise<readonly Recorded[]> {
    const results = new Map<Answer, Recorded>();
    const batches = [...groupBy(answers, ({ callId }) => callId)].flatMap(([callId, own]) =>
      batchesOf(own, BATCH_MAX).map((batch) => this.#recordBatch(callId, batch, results)),
    );
    await Promise.all(batches);
    return answers.map((answer) => {
      const result = results.get(answer);
      if (result !== undefined) return result;
      throw unavailable('Redis gave no result for an answer');
    });
  }

  /** Counts of a call's answers. */
  async counts(callId: string): Promise<Counts> {
    const [counts, entries, earlier, asked] = await this.#connection.sendAll([
      ['HGETALL', callKey(callId, 'counts')],
      ['HLEN', callKey(callId, 'entries')],
      // Written by versions up to 0.2.0.
      ['SCARD', callKey(callId, 'roster')],
      ['HLEN', callKey(callId, 'asked')],
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
      listed: { present: of('listed:present'), late: of('listed:late'), replay: of('listed:replay') },
      ...{ onRoster: Number(entries ?? 0) + Number(earlier ?? 0), asked: Number(asked ?? 0) },
    };
  }

  /** The answers of some students; null for a student without one. */
  async of(callId: string, subs: readonly string[]): Promise<readonly (Answer | null)[]> {
    if (subs.length === 0) return [];
    const key = callKey(callId, 'answers');
    const commands = batchesOf(subs, LOOKUP_MAX).map((batch) => ['HMGET', key, ...batch]);
    const found = (await this.#connection.sendAll(commands)).flat();
    return subs.map((_, i) => {
      const text = found[i];
      return typeof text === 'string' ? parsed(text, readAnswer) : null;
    });
  }

  /** The newest answers, as `Ledger.newestAnswers`. */
  async newest(callId: string, after: string | null, most: number): Promise<NewestAnswers> {
    const from = after === null ? '-' : `(${after}`;
    const key = callKey(callId, 'order');
    const reply = await this.#connection.send('XREVRANGE', key, '+', from, 'COUNT', most);
    const entries = (Array.isArray(reply) ? reply : []).map((entry: RedisReply) => {
      const [id, fields] = Array.isArray(entry) ? entry : [];
      return { id: String(id), sub: String(Array.isArray(fields) ? fields[1] : '') };
    });
    const [newest] = entries;
    if (newest === undefined) return { cursor: after, answers: [] };
    // Whoever has changed her answer is there several times: her newest one counts.
    const subs = [...new Set(entries.map(({ sub }) => sub))].toReversed();
    const answers = await this.of(callId, subs);
    return { cursor: newest.id, answers: answers.filter((answer) => answer !== null) };
  }

  /** All answers of a call, each once. */
  async *all(callId: string): AsyncIterable<Answer> {
    for await (const [, text] of this.#connection.scan(callKey(callId, 'answers'), SCAN_COUNT)) {
      const answer = parsed(text, readAnswer);
      if (answer !== null) yield answer;
    }
  }

  /** Records which students were asked. */
  async noteAsked(callId: string, attendees: readonly Attendee[]): Promise<void> {
    if (attendees.length === 0) return;
    const key = callKey(callId, 'asked');
    const commands = batchesOf(attendees, BATCH_MAX).map((batch) => [
      ...['HSET', key],
      ...batch.flatMap((one) => [one.sub, JSON.stringify(one)]),
    ]);
    await this.#connection.sendAll([...commands, ['EXPIRE', key, this.#keepS]]);
  }

  /** The students who were asked, each once. */
  async *asked(callId: string): AsyncIterable<Attendee> {
    for await (const [, text] of this.#connection.scan(callKey(callId, 'asked'), SCAN_COUNT)) {
      const attendee = parsed(text, readAttendee);
      if (attendee !== null) yield attendee;
    }
  }

  async #recordBatch(
    callId: string,
    answers: readonly Answer[],
    results: Map<Answer, Recorded>,
  ): Promise<void> {
    const keys = ANSWER_KEYS.map((name) => callKey(callId, name));
    const args: (string | number)[] = [this.#keepS, LIMITS.changesMax];
    for (const answer of answers) {
      const { sub, answerId, status, rosterId, value, reactionMs } = answer;
      const counted = typeof value === 'number' ? value : '';
      args.push(
        sub,
        answerId,
        JSON.stringify(answer),
        status,
        rosterId ?? '',
        counted,
        reactionBin(reactionMs),
        answer.sequence ?? '',
      );
    }
    const reply = await this.#connection.run(RECORD_SCRIPT, keys, args);
    const outcomes = Array.isArray(reply) ? reply : [];
    for (const [i, answer] of answers.entries()) {
      const result = recordedOf(answer, outcomes[i] ?? null);
      if (result !== null) results.set(answer, result);
    }
  }
}

/** What the script says of an answer; null for nothing. */
function recordedOf(answer: Answer, outcome: RedisReply): Recorded | null {
  if (outcome === 1) return { kind: 'stands', answer };
  if (outcome === 0) return { kind: 'id-taken' };
  const isTooMany = Array.isArray(outcome);
  const [text] = isTooMany ? outcome : [outcome];
  const first = typeof text === 'string' ? parsed(text, readAnswer) : null;
  if (first === null) return null;
  if (isTooMany) return { kind: 'too-many', answer: first };
  return { kind: first.answerId === answer.answerId ? 'stands' : 'duplicate', answer: first };
}

function batchesOf<T>(items: readonly T[], most: number): T[][] {
  const batches: T[][] = [];
  for (let from = 0; from < items.length; from += most) batches.push(items.slice(from, from + most));
  return batches;
}
