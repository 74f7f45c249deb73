import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import type { CallFrame, TallyFrame } from '../../rollcall/protocol/frames.ts';
import { errorReplyOf } from '../net/error-reply.ts';
import { request, type ServerRequest } from '../net/request.ts';
import { refusedBy } from '../rights/link-fault.ts';
import { readCall, readTally } from '../../rollcall/protocol/server-frame-reader.ts';

/** A call of the lesson, with its counts. */
export type LessonCall = {
  readonly call: CallFrame;
  readonly tally: TallyFrame;
  /** Id of its broadcast; null for none. */
  readonly broadcast: string | null;
  /** Of the class on air; while none is, of the newest lesson. */
  readonly isOfThisLesson: boolean;
};

/** What `GET /api/rollcall/{channel}` says. */
export type Lesson = {
  readonly serverTimeMs: number;
  readonly connected: number;
  readonly rosterSize: number;
  /** When the broadcast on air began, UTC milliseconds; null while none is. */
  readonly startMs: number | null;
  /** Newest first. */
  readonly calls: readonly LessonCall[];
};

/** One student of a call. */
export type CallStudent = {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  /** Class or number, where several students on the class list have this name; else ''. */
  readonly beside: string;
  readonly status: 'present' | 'late' | 'replay' | 'absent';
  readonly value: string | number | null;
};

/** Server and stream key to publish with. */
export type PublishAddress = { readonly server: string; readonly streamKey: string };

/** The result of a request. */
export type Reply =
  | { readonly kind: 'ok'; readonly value: unknown }
  /** The server refused, with its reason. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unreachable' };

/** A file of 100,000 names over a slow line, in milliseconds. */
const FILE_TIME_LIMIT_MS = 60_000;

/** Asks the server something, as a teacher. */
export async function askAsTeacher(token: string, path: string, options: ServerRequest = {}): Promise<Reply> {
  try {
    const response = await request(path, token, { ...options, fresh: true });
    const text = await response.text();
    if (response.ok) return { kind: 'ok', value: text === '' ? null : JSON.parse(text) };
    const error = errorReplyOf(text);
    if (response.status === 401 || response.status === 403) refusedBy(error);
    return error === null ? { kind: 'unreachable' } : { kind: 'refused', ...error };
  } catch {
    return { kind: 'unreachable' };
  }
}

/**
 * Downloads a file, under the name that the server gives it. The token is sent in a header, which a link cannot do.
 *
 * @param name where the server gives none
 */
export async function download(token: string, path: string, name: string): Promise<boolean> {
  try {
    const answer = await request(path, token, { fresh: true, timeLimitMs: FILE_TIME_LIMIT_MS });
    if (!answer.ok) return false;
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = fileNameOf(answer.headers.get('content-disposition')) ?? name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return true;
  } catch {
    return false;
  }
}

/**
 * The name of a file in UTF-8 (RFC 6266 §4.3).
 *
 * @param header Content-Disposition; null for none
 */
export function fileNameOf(header: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** Reads a lesson; null where it is not valid. */
export function readLesson(value: unknown): Lesson | null {
  if (!isRecord(value) || !Array.isArray(value['calls']) || !isRecord(value['roster'])) return null;
  const { serverTimeMs, connected } = value;
  const { size } = value['roster'];
  if (!isFiniteNumber(serverTimeMs) || !isFiniteNumber(connected) || !isFiniteNumber(size)) return null;
  const calls = value['calls'].flatMap((item: unknown): LessonCall[] => {
    if (!isRecord(item) || !isRecord(item['tally'])) return [];
    const [call, tally] = [readCall(item), readTally(item['tally'])];
    if (call === null || tally === null) return [];
    const { broadcast, thisLesson } = item;
    // A server up to 0.2.0 does not tell lessons apart.
    const isOfThisLesson = thisLesson !== false;
    return [{ call, tally, isOfThisLesson, broadcast: typeof broadcast === 'string' ? broadcast : null }];
  });
  const { startMs } = isRecord(value['lesson']) ? value['lesson'] : {};
  return {
    ...{ serverTimeMs, connected, rosterSize: size, calls },
    startMs: isFiniteNumber(startMs) ? startMs : null,
  };
}

/** Reads a page of students; null where it is not valid. */
export function readStudents(
  value: unknown,
): { readonly total: number; readonly students: readonly CallStudent[] } | null {
  if (!isRecord(value) || !isFiniteNumber(value['total']) || !Array.isArray(value['students'])) return null;
  const students = value['students'].flatMap((item: unknown): CallStudent[] => {
    if (!isRecord(item)) return [];
    const { id, name, group, beside, status, value: given } = item;
    const known = (['present', 'late', 'replay', 'absent'] as const).find(
      (candidate) => candidate === status,
    );
    if (typeof id !== 'string' || typeof name !== 'string' || known === undefined) return [];
    const isValue = typeof given === 'string' || isFiniteNumber(given);
    return [
      {
        id,
        name,
        group: typeof group === 'string' ? group : '',
        beside: typeof beside === 'string' ? beside : '',
        status: known,
        value: isValue ? given : null,
      },
    ];
  });
  return { total: value['total'], students };
}

/** Reads server and stream key; null where they are not valid. */
export function readPublishAddress(value: unknown): PublishAddress | null {
  if (!isRecord(value)) return null;
  const { server, streamKey } = value;
  return typeof server === 'string' && typeof streamKey === 'string' ? { server, streamKey } : null;
}
