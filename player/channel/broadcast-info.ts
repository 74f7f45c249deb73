import { gradeOf, idOf, isRecord, millisecondsOf, textOf } from './checked.ts';

/** A stretch of time, UTC milliseconds. */
export type Stretch = { readonly startMs: number; readonly endMs: number };

/** A mark: a roll call or a question of a class. */
export type RollMark = {
  readonly id: string;
  /** UTC milliseconds. */
  readonly atMs: number;
  /** What the teacher asked. */
  readonly label: string;
};

/** One broadcast, as the API describes it. */
export type BroadcastInfo = {
  readonly id: string;
  readonly channel: string;
  readonly title: string;
  /** School grade, 1 to 12; null for classes of no grade. */
  readonly grade: number | null;
  readonly subject: string | null;
  readonly teacher: string | null;
  /** BCP 47. */
  readonly language: string;
  /** UTC milliseconds. */
  readonly startMs: number;
  /** UTC milliseconds; null while it is on air. */
  readonly endMs: number | null;
  /** Interruptions, oldest first; a replay leaves them out. */
  readonly gaps: readonly Stretch[];
  /** Roll calls and questions, oldest first. */
  readonly marks: readonly RollMark[];
  /** Start and end of the replay, UTC milliseconds; null where nothing is trimmed. */
  readonly trimStartMs: number | null;
  readonly trimEndMs: number | null;
  /** Protected: never deleted because of its age. */
  readonly keep: boolean;
  /** Duration of the replay, milliseconds. */
  readonly durationMs: number;
  /** Address of the replay's playlist, without host or token; null while it is on air. */
  readonly replay: string | null;
  /** Addresses without host or token; null where there is none. */
  readonly poster: string | null;
  readonly storyboard: string | null;
  readonly download: string | null;
};

/** One page of the library. */
export type BroadcastPage = {
  readonly broadcasts: readonly BroadcastInfo[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
  /** Values of the filters; null where the response has none. */
  readonly facets: Facets | null;
};

/** Values of the filters. */
export type Facets = {
  readonly subjects: readonly string[];
  readonly teachers: readonly string[];
  readonly grades: readonly number[];
};

const REPLAY = /^\/replay\/[a-z0-9-]{1,64}\/\d{1,15}-\d{1,15}\/index\.m3u8$/;
const FILE =
  /^\/api\/channels\/[a-z0-9-]{1,64}\/broadcasts\/[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}\.[a-z0-9]{1,8}$/;
const MOST_GAPS = 10_000;
const MOST_MARKS = 500;
const MOST_CHOICES = 2000;

/**
 * Reads a broadcast of the API.
 *
 * @returns the broadcast, or null when it is not one
 */
export function parseBroadcast(value: unknown): BroadcastInfo | null {
  if (!isRecord(value)) return null;
  const [id, channel] = [idOf(value['id']), idOf(value['channel'])];
  const startMs = millisecondsOf(value['startMs']);
  const endMs = value['endMs'] === null ? null : millisecondsOf(value['endMs']);
  if (id === null || channel === null || startMs === null) return null;
  if (endMs === null && value['endMs'] !== null) return null;
  return {
    id,
    channel,
    title: textOf(value['title']) ?? channel,
    grade: gradeOf(value['grade']),
    subject: textOf(value['subject']),
    teacher: textOf(value['teacher']),
    language: textOf(value['language']) ?? 'und',
    startMs,
    endMs,
    gaps: list(value['gaps'], stretchOf, MOST_GAPS),
    marks: list(value['marks'], markOf, MOST_MARKS),
    trimStartMs: millisecondsOf(value['trimStartMs']),
    trimEndMs: millisecondsOf(value['trimEndMs']),
    keep: value['keep'] === true,
    durationMs: millisecondsOf(value['durationMs']) ?? 0,
    replay: address(value['replay'], REPLAY),
    poster: address(value['poster'], FILE),
    storyboard: address(value['storyboard'], FILE),
    download: address(value['download'], FILE),
  };
}

/**
 * Reads a page of the library. An invalid broadcast is left out: one bad entry must not empty the library.
 *
 * @returns the page, or null where it is not one
 */
export function parseBroadcastPage(value: unknown): BroadcastPage | null {
  if (!isRecord(value) || !Array.isArray(value['broadcasts'])) return null;
  const { next, facets } = value;
  return {
    broadcasts: list(value['broadcasts'], parseBroadcast, MOST_CHOICES),
    next: typeof next === 'string' && /^[\w.~-]{1,300}$/.test(next) ? next : null,
    facets: isRecord(facets)
      ? {
          subjects: list(facets['subjects'], textOf, MOST_CHOICES),
          teachers: list(facets['teachers'], textOf, MOST_CHOICES),
          grades: list(facets['grades'], gradeOf, MOST_CHOICES).sort((a, b) => a - b),
        }
      : null,
  };
}

function stretchOf(value: unknown): Stretch | null {
  if (!isRecord(value)) return null;
  const [startMs, endMs] = [millisecondsOf(value['startMs']), millisecondsOf(value['endMs'])];
  return startMs === null || endMs === null || endMs <= startMs ? null : { startMs, endMs };
}

function markOf(value: unknown): RollMark | null {
  if (!isRecord(value)) return null;
  const [id, atMs] = [idOf(value['id']), millisecondsOf(value['atMs'])];
  return id === null || atMs === null ? null : { id, atMs, label: textOf(value['label']) ?? '' };
}

function address(value: unknown, form: RegExp): string | null {
  return typeof value === 'string' && form.test(value) ? value : null;
}

function list<T>(value: unknown, read: (entry: unknown) => T | null, most: number): T[] {
  if (!Array.isArray(value)) return [];
  const entries: unknown[] = value;
  return entries
    .slice(0, most)
    .map(read)
    .filter((entry) => entry !== null);
}
