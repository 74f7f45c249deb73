import { AWAITED, type Awaited } from '../../shared/awaited-media.ts';
import { type RunState, isRunState } from '../playback/run-at.ts';
import { gradeOf, idOf, isRecord, millisecondsOf, textOf } from './checked.ts';

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
  /** What the teacher's encoder has not sent yet, or not for some seconds. */
  readonly awaited: readonly Awaited[];
  /** The class that is on air, for start-over; null when there is none, or nothing is stored. */
  readonly broadcast: { readonly id: string; readonly startMs: number } | null;
};

/** The list of channels at one moment. */
export type ChannelList = {
  /** UTC milliseconds. */
  readonly serverTimeMs: number;
  readonly channels: readonly ChannelInfo[];
};

/**
 * Reads a channel of the API.
 *
 * @returns the channel, or null when it is not one
 */
export function parseChannel(value: unknown): ChannelInfo | null {
  if (!isRecord(value)) return null;
  const id = idOf(value['id']);
  const { state, sinceMs } = value;
  if (id === null || !isRunState(state)) return null;
  return {
    id,
    title: textOf(value['title']) ?? id,
    grade: gradeOf(value['grade']),
    subject: textOf(value['subject']),
    teacher: textOf(value['teacher']),
    language: textOf(value['language']) ?? 'und',
    state,
    sinceMs: typeof sinceMs === 'number' && Number.isFinite(sinceMs) ? sinceMs : 0,
    awaited: readAwaited(value['awaited']),
    broadcast: broadcastOf(value['broadcast']),
  };
}

/**
 * Reads the API's list of channels. An invalid channel is left out: one bad entry must not empty a city's lobby.
 *
 * @returns the list, or null where it is not one
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

/** Reads what the API says that a class waits for; what is not known is left out. */
export function readAwaited(value: unknown): readonly Awaited[] {
  return Array.isArray(value) ? AWAITED.filter((what) => value.includes(what)) : [];
}

function broadcastOf(value: unknown): ChannelInfo['broadcast'] {
  if (!isRecord(value)) return null;
  const [id, startMs] = [idOf(value['id']), millisecondsOf(value['startMs'])];
  return id === null || startMs === null ? null : { id, startMs };
}
