import { isAnswerId } from '../../rollcall/protocol/answer.ts';
import { isCallId } from '../../rollcall/protocol/call.ts';
import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';
import type { AnswerStore, PendingAnswer } from './outbox.ts';

const DATABASE = 'lectern.rollcall';
const TABLE = 'answers';
/** Some browsers have been seen never to open a database, and to say nothing of it, milliseconds. */
const OPEN_WITHIN_MS = 2000;

/**
 * Opens the browser's own database for answers on their way.
 *
 * @returns null where there is none, as in some private windows
 */
export async function openIndexedAnswers(): Promise<AnswerStore | null> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(TABLE));
    const database = await opened(opening);
    return {
      put: async (answer) => {
        const change = database.transaction(TABLE, 'readwrite');
        change.objectStore(TABLE).put(answer, answer.frame.answerId);
        await done(change);
      },
      remove: async (answerId) => {
        const change = database.transaction(TABLE, 'readwrite');
        change.objectStore(TABLE).delete(answerId);
        await done(change);
      },
      all: async () => {
        const look = database.transaction(TABLE, 'readonly');
        const request: IDBRequest<unknown[]> = look.objectStore(TABLE).getAll();
        await done(look);
        return request.result.flatMap((item) => readPendingAnswer(item) ?? []);
      },
    };
  } catch {
    return null;
  }
}

/** Reads what an older version of the page may have kept; null for what is no answer. */
export function readPendingAnswer(item: unknown): PendingAnswer | null {
  if (!isRecord(item) || !isRecord(item['frame'])) return null;
  const { channel, owner, tappedMs } = item;
  const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled } = item['frame'];
  if (typeof channel !== 'string' || typeof owner !== 'string' || !isFiniteNumber(tappedMs)) return null;
  if (!isCallId(callId) || !isAnswerId(answerId)) return null;
  if (!isFiniteNumber(tapProgramTimeMs) || !isFiniteNumber(latencyMs)) return null;
  const frame: AnswerFrame = {
    ...{ type: 'answer', callId, answerId, tapProgramTimeMs, latencyMs },
    ...(typeof value === 'string' || isFiniteNumber(value) ? { value } : {}),
    ...(stalled === true ? { stalled } : {}),
  };
  return { channel, owner, tappedMs, frame };
}

async function opened(opening: IDBOpenDBRequest): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the database does not open')), OPEN_WITHIN_MS);
    opening.addEventListener('success', () => {
      clearTimeout(timer);
      resolve(opening.result);
    });
    opening.addEventListener('error', () => {
      clearTimeout(timer);
      reject(opening.error ?? new Error('the database cannot be opened'));
    });
  });
}

/** An answer is kept when its transaction is complete, not when the request in it has succeeded. */
async function done(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.addEventListener('complete', () => resolve());
    change.addEventListener('abort', () => reject(change.error ?? new Error('nothing can be kept')));
  });
}
