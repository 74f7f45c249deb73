import type { Run } from '../packager/media.ts';

/** A broadcast, as derived from the runs of its channel. */
export type AiredBroadcast = {
  readonly id: string;
  readonly startMs: number;
  /** null while it is on air, or may continue. */
  readonly endMs: number | null;
  /** Times in which only the slate was on air. */
  readonly gaps: readonly { readonly startMs: number; readonly endMs: number }[];
  /** Since when its teacher has been off air (slate or announcement). If she does not return, it ended then. Null while on air. */
  readonly downSinceMs: number | null;
  /** Since when the slate has been on air; null while it is not. */
  readonly silentSinceMs: number | null;
};

/** A teacher who comes back within this time continues her broadcast; later, she begins another one. Milliseconds. */
export const RECONNECT_MS = 600_000;
/** A channel that never ends is cut into broadcasts of this length, so that each can be replayed. Milliseconds. */
export const LONGEST_MS = 12 * 3_600_000;

/** No feed is further behind than this, so what was on air earlier is final. Milliseconds. */
export const DECIDED_MS = 60_000;

/** Result of a step: the open broadcast, and all that changed. */
export type FoldStep = {
  readonly open: AiredBroadcast | null;
  readonly changed: readonly AiredBroadcast[];
};

/**
 * Continues with the next run of a channel. The same runs give the same broadcasts, whenever they are processed.
 *
 * A class begins with its first run on air. It continues through interruptions and announcements, and ends when its teacher
 * ends it, when something else is on air, or when she stays away.
 *
 * @param open the open broadcast; null for none
 * @param run it follows the run before it
 */
export function foldRun(open: AiredBroadcast | null, run: Run): FoldStep {
  // One millisecond less: a broadcast that ends exactly at its longest is not cut, and no empty one follows it.
  const until = passTime(open, run.startMs - 1);
  const step = take(until.open, run);
  return { open: step.open, changed: [...until.changed, ...step.changed] };
}

function take(open: AiredBroadcast | null, run: Run): FoldStep {
  const isClass = run.state === 'on-air';
  if (open === null) {
    if (!isClass) return { open: null, changed: [] };
    const begun = begin(run.broadcast, run.startMs);
    return { open: begun, changed: [begun] };
  }
  if (isClass) return goOn(open, run);
  if (run.state === 'interrupted') {
    const silentSinceMs = open.silentSinceMs ?? run.startMs;
    const down = { ...open, downSinceMs: open.downSinceMs ?? run.startMs, silentSinceMs };
    return { open: down, changed: [down] };
  }
  if (run.state === 'announcement') {
    // An announcement is stored and replayed like the class, so it is no gap.
    const heard = { ...endSilence(open, run.startMs), downSinceMs: open.downSinceMs ?? run.startMs };
    return { open: heard, changed: [heard] };
  }
  return { open: null, changed: [end(open, run.startMs)] };
}

function goOn(open: AiredBroadcast, run: Run): FoldStep {
  if (open.downSinceMs !== null && run.startMs - open.startMs >= LONGEST_MS) {
    const begun = begin(partOf(open.id, run.startMs), run.startMs);
    return { open: begun, changed: [end(open, run.startMs), begun] };
  }
  const back = { ...endSilence(open, run.startMs), downSinceMs: null };
  return { open: back, changed: [back] };
}

/**
 * Continues to a time without a new run.
 *
 * @param nowMs UTC milliseconds; only what is older than {@link DECIDED_MS} is decided, since the next run may have begun before now
 */
export function foldTime(open: AiredBroadcast | null, nowMs: number): FoldStep {
  return passTime(open, nowMs - DECIDED_MS);
}

/** Cuts at multiples of {@link LONGEST_MS} from the start, whenever this is called. */
function passTime(open: AiredBroadcast | null, untilMs: number): FoldStep {
  if (open === null) return { open, changed: [] };
  if (open.silentSinceMs !== null && untilMs - open.silentSinceMs > RECONNECT_MS) {
    return { open: null, changed: [end(open, untilMs)] };
  }
  const changed: AiredBroadcast[] = [];
  let last = open;
  while (last.downSinceMs === null && untilMs - last.startMs >= LONGEST_MS) {
    const atMs = last.startMs + LONGEST_MS;
    changed.push(end(last, atMs));
    last = begin(partOf(last.id, atMs), atMs);
  }
  return { open: last, changed: last === open ? [] : [...changed, last] };
}

/** Id of a later part of a broadcast, when its own id is taken. */
export function partOf(id: string, startMs: number): string {
  return `${id.slice(0, 40)}-${startMs}`;
}

function begin(broadcast: string, startMs: number): AiredBroadcast {
  // A hardware encoder gives no broadcast id.
  const id = broadcast === '' ? String(startMs) : broadcast;
  return { id, startMs, endMs: null, gaps: [], downSinceMs: null, silentSinceMs: null };
}

function endSilence(open: AiredBroadcast, atMs: number): AiredBroadcast {
  const { silentSinceMs } = open;
  if (silentSinceMs === null) return open;
  return { ...open, gaps: [...open.gaps, { startMs: silentSinceMs, endMs: atMs }], silentSinceMs: null };
}

/** An interruption that lasts until the end is no gap: the broadcast ended when it began. */
function end(open: AiredBroadcast, atMs: number): AiredBroadcast {
  const endMs = open.downSinceMs ?? atMs;
  const gaps = open.gaps.filter((gap) => gap.startMs < endMs);
  return { ...open, endMs, gaps, downSinceMs: null, silentSinceMs: null };
}
