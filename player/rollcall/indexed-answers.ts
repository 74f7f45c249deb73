import { isAnswerId } from '../../rollcall/protocol/answer.ts';
import { isCallId } from '../../rollcall/protocol/call.ts';
import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';
import type { AnswerStore, KeptAnswer } from './outbox.ts';

const DATABASE = 'lectern.rollcall';
const TABLE = 'answers';

/**
 * Opens the browser's own database for answers on their way.
 *
 * @returns null where there is none, as in some private windows
 */
export async function openIndexedAnswers(): Promise<AnswerStore | null> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(TABLE));
    const database = await resultOf(opening);
    const table = (mode: IDBTransactionMode): IDBObjectStore =>
      database.transaction(TABLE, mode).objectStore(TABLE);
    return {
      put: async (answer) => {
        await resultOf(table('readwrite').put(answer, answer.frame.answerId));
      },
      remove: async (answerId) => {
        await resultOf(table('readwrite').delete(answerId));
      },
      all: async () => {
        const found: unknown[] = await resultOf(table('readonly').getAll());
        return found.flatMap((item) => readKept(item) ?? []);
      },
    };
  } catch {
    return null;
  }
}

/** Reads what an older version of the page may have kept; null for what is no answer. */
export function readKept(item: unknown): KeptAnswer | null {
  if (!isRecord(item) || !isRecord(item['frame'])) return null;
  const { channel, tappedMs } = item;
  const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled } = item['frame'];
  if (typeof channel !== 'string' || !isFiniteNumber(tappedMs)) return null;
  if (!isCallId(callId) || !isAnswerId(answerId)) return null;
  if (!isFiniteNumber(tapProgramTimeMs) || !isFiniteNumber(latencyMs)) return null;
  const frame: AnswerFrame = {
    ...{ type: 'answer', callId, answerId, tapProgramTimeMs, latencyMs },
    ...(typeof value === 'string' || isFiniteNumber(value) ? { value } : {}),
    ...(stalled === true ? { stalled } : {}),
  };
  return { channel, tappedMs, frame };
}

async function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () =>
      reject(request.error ?? new Error('the database cannot be used')),
    );
  });
}
