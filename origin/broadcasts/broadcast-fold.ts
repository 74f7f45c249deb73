import type { Run } from '../packager/media.ts';

/** A broadcast as the runs of its channel tell it. */
export type AiredBroadcast = {
  readonly id: string;
  readonly startMs: number;
  /** null while it is on air, or may come back. */
  readonly endMs: number | null;
  /** When nothing of it was on air but the slate. */
  readonly gaps: readonly { readonly startMs: number; readonly endMs: number }[];
  /** Since when its teacher has been away, slate or announcement; it ended then if she stays away. Null while she is not. */
  readonly downSinceMs: number | null;
  /** Since when there has been nothing but the slate; null while there is not. */
  readonly silentSinceMs: number | null;
};

/** A teacher who comes back within this time goes on with her broadcast; later, she begins another one. Milliseconds. */
export const RECONNECT_MS = 600_000;
/** A channel that never ends is cut into broadcasts of this length, so that each can be replayed. Milliseconds. */
export const LONGEST_MS = 12 * 3_600_000;

/** What has been on air so long ago is decided, however far behind a feed may be. Milliseconds. */
export const DECIDED_MS = 60_000;

/** What a step made of the broadcast that was open: those that changed, and the one that is open now. */
export type FoldStep = {
  readonly open: AiredBroadcast | null;
  readonly changed: readonly AiredBroadcast[];
};

/**
 * Goes on with the next run of a channel. The same runs give the same broadcasts, whatever time passed between them here.
 *
 * A class begins with its first run on air. It goes on through interruptions and announcements, and ends when its teacher
 * ends it, when something else is on air, or when she stays away.
 *
 * @param open what is open so far; null for nothing
 * @param run it follows the run before it
 */
export function foldRun(open: AiredBroadcast | null, run: Run): FoldStep {
  // What ends where it would be cut is one broadcast: none is left behind with nothing in it.
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
    // It is kept and replayed as the class is, so it is no gap.
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
 * Lets time pass over what is open.
 *
 * @param nowMs UTC milliseconds; it passes {@link DECIDED_MS} later, since the next run may have begun before now
 */
export function foldTime(open: AiredBroadcast | null, nowMs: number): FoldStep {
  return passTime(open, nowMs - DECIDED_MS);
}

/** Cuts at whole multiples of the longest, counted from the start: where that is does not depend on when it was looked at. */
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

/** Name of a later part of a broadcast, where its own is taken. */
export function partOf(id: string, startMs: number): string {
  return `${id.slice(0, 40)}-${startMs}`;
}

function begin(broadcast: string, startMs: number): AiredBroadcast {
  // A hardware encoder names none.
  const id = broadcast === '' ? String(startMs) : broadcast;
  return { id, startMs, endMs: null, gaps: [], downSinceMs: null, silentSinceMs: null };
}

function endSilence(open: AiredBroadcast, atMs: number): AiredBroadcast {
  const { silentSinceMs } = open;
  if (silentSinceMs === null) return open;
  return { ...open, gaps: [...open.gaps, { startMs: silentSinceMs, endMs: atMs }], silentSinceMs: null };
}

/** What was down to the end was not an interruption, but the end. */
function end(open: AiredBroadcast, atMs: number): AiredBroadcast {
  const endMs = open.downSinceMs ?? atMs;
  const gaps = open.gaps.filter((gap) => gap.startMs < endMs);
  return { ...open, endMs, gaps, downSinceMs: null, silentSinceMs: null };
}
