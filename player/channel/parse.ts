import { type RunState, isRunState } from '../playback/run-at.ts';

/** A channel as the pages show it. */
export type ChannelInfo = {
  readonly id: string;
  readonly title: string;
  /** School grade, 1 to 12; null for channels of no grade. */
  readonly grade: number | null;
  readonly subject: string | null;
  readonly teacher: string | null;
  /** BCP 47. */
  readonly language: string;
  readonly state: RunState;
  /** Since when, UTC milliseconds. */
  readonly sinceMs: number;
};

/** The lobby's list at one moment. */
export type ChannelList = {
  /** UTC milliseconds. */
  readonly serverTimeMs: number;
  readonly channels: readonly ChannelInfo[];
};

/** The school grades that the pages have words for. */
const GRADES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

/**
 * Checks a channel of the API's answer.
 *
 * @returns the channel, or null when it is not one
 */
export function parseChannel(value: unknown): ChannelInfo | null {
  if (!isRecord(value)) return null;
  const { id, title, grade, subject, teacher, language, state, sinceMs } = value;
  if (typeof id !== 'string' || !/^[a-z0-9-]{1,64}$/.test(id) || !isRunState(state)) return null;
  return {
    id,
    title: text(title) ?? id,
    grade: GRADES.find((known) => known === grade) ?? null,
    subject: text(subject),
    teacher: text(teacher),
    language: text(language) ?? 'und',
    state,
    sinceMs: typeof sinceMs === 'number' && Number.isFinite(sinceMs) ? sinceMs : 0,
  };
}

/**
 * Checks the API's list. A channel that cannot be read is left out: one bad entry must not empty a city's lobby.
 *
 * @returns the list, or null when it is none
 */
export function parseChannelList(value: unknown): ChannelList | null {
  if (!isRecord(value) || !Array.isArray(value['channels'])) return null;
  const { serverTimeMs } = value;
  const channels: unknown[] = value['channels'];
  return {
    serverTimeMs: typeof serverTimeMs === 'number' ? serverTimeMs : 0,
    channels: channels.map(parseChannel).filter((channel) => channel !== null),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
