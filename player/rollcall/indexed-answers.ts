import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { isAnswerId, isSequence } from '../../rollcall/protocol/answer.ts';
import { isCallId } from '../../rollcall/protocol/call.ts';
import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';
import type { AnswerStore, PendingAnswer } from './outbox.ts';

/** The database as earlier versions of the page made it: pending answers by their ids. */
type AnswerDatabase = DBSchema & { readonly answers: { readonly key: string; readonly value: unknown } };

const DATABASE = 'lectern.rollcall';
const VERSION = 1;
/** Some browsers never finish opening a database, and report nothing, milliseconds. */
const OPEN_WITHIN_MS = 2000;

/**
 * Opens the browser's database of pending answers.
 *
 * @returns null where there is none, as in some private windows
 */
export async function openIndexedAnswers(): Promise<AnswerStore | null> {
  try {
    const database = await openInTime();
    return {
      // idb resolves when the transaction is complete, which is when the answer is stored.
      put: async (answer) => {
        await database.put('answers', answer, answer.frame.answerId);
      },
      remove: (answerId) => database.delete('answers', answerId),
      all: async () => (await database.getAll('answers')).flatMap((item) => readPendingAnswer(item) ?? []),
    };
  } catch {
    return null;
  }
}

/** Reads what this or an earlier version of the page stored; null for what is no answer. */
export function readPendingAnswer(item: unknown): PendingAnswer | null {
  if (!isRecord(item) || !isRecord(item['frame'])) return null;
  const { channel, owner, tappedMs } = item;
  const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled, sequence } = item['frame'];
  if (typeof channel !== 'string' || typeof owner !== 'string' || !isFiniteNumber(tappedMs)) return null;
  if (!isCallId(callId) || !isAnswerId(answerId)) return null;
  if (!isFiniteNumber(tapProgramTimeMs) || !isFiniteNumber(latencyMs)) return null;
  const frame: AnswerFrame = {
    ...{ type: 'answer', callId, answerId, tapProgramTimeMs, latencyMs },
    ...(typeof value === 'string' || isFiniteNumber(value) ? { value } : {}),
    ...(stalled === true ? { stalled } : {}),
    ...(isSequence(sequence) ? { sequence } : {}),
  };
  return { channel, owner, tappedMs, frame };
}

function openInTime(): Promise<IDBPDatabase<AnswerDatabase>> {
  const opening = openDB<AnswerDatabase>(DATABASE, VERSION, {
    upgrade: (database) => {
      database.createObjectStore('answers');
    },
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the database does not open')), OPEN_WITHIN_MS);
    opening.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
