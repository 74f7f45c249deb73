import Hls, { type ErrorData, type LevelDetails } from 'hls.js';
import { type ListedCall, type ListedRange, readListedCalls } from '../../rollcall/protocol/listed-call.ts';
import type { FailureCause } from './engine.ts';
import { type Run, isRunState } from './run-at.ts';
import { type ToldWait, toldWaitOf } from './told-wait.ts';

/** Class of the EXT-X-DATERANGEs of runs. */
const RUN_CLASS = 'org.lectern.run';

/** The cause of an hls.js error. */
export function causeOf(data: ErrorData): FailureCause {
  if (data.type === Hls.ErrorTypes.NETWORK_ERROR) return 'network';
  return data.type === Hls.ErrorTypes.MEDIA_ERROR ? 'media' : 'other';
}

/** The wait that a server asks for with a 503; null where it asks for none. */
export function waitOf({ response, networkDetails }: ErrorData): ToldWait | null {
  if (response?.code !== 503 || !(networkDetails instanceof XMLHttpRequest)) return null;
  return toldWaitOf(networkDetails);
}

/**
 * Program date time at a media time.
 *
 * @param details of the playlist that plays; null before there is one
 * @returns UTC milliseconds; null while unknown
 */
export function programTimeAt(details: LevelDetails | null, mediaTimeS: number): number | null {
  if (details === null) return null;
  const before = details.fragments.filter((other) => other.start <= mediaTimeS);
  const fragment = before.at(-1) ?? details.fragments[0];
  if (fragment === undefined || fragment.programDateTime === null) return null;
  return fragment.programDateTime + (mediaTimeS - fragment.start) * 1000;
}

/** The calls of the roll that a playlist lists: they come over another way than the roll call itself. */
export function callsOf(details: LevelDetails | null): readonly ListedCall[] {
  const ranges = Object.values(details?.dateRanges ?? {}).flatMap((range): ListedRange[] => {
    if (range === undefined) return [];
    const { id, attr } = range;
    const endMs = range.endDate?.getTime() ?? null;
    return [{ id, class: range.class, endMs, attribute: (name) => attr[name] }];
  });
  return readListedCalls(ranges);
}

/** The runs of a playlist. */
export function runsOf(details: LevelDetails | null): Run[] {
  const runs: Run[] = [];
  for (const range of Object.values(details?.dateRanges ?? {})) {
    const state = range?.attr['X-STATE'];
    if (range?.class !== RUN_CLASS || !isRunState(state)) continue;
    runs.push({ state, startMs: range.startDate.getTime(), endMs: range.endDate?.getTime() ?? null });
  }
  return runs;
}

/**
 * Media time at a program date time. A replay leaves out interruptions: a time within one gives what follows it.
 *
 * @param programMs UTC milliseconds
 * @returns seconds; null while unknown
 */
export function mediaTimeAt(details: LevelDetails | null, programMs: number): number | null {
  if (details === null) return null;
  const before = details.fragments.filter(
    ({ programDateTime }) => (programDateTime ?? Infinity) <= programMs,
  );
  const fragment = before.at(-1);
  const [first] = details.fragments;
  if (fragment === undefined || fragment.programDateTime === null) return first?.start ?? null;
  return fragment.start + Math.min(fragment.duration, (programMs - fragment.programDateTime) / 1000);
}
