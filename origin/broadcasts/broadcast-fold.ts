import type { Run } from '../packager/media.ts';

/** A broadcast as the runs of its channel tell it. */
export type AiredBroadcast = {
  readonly id: string;
  readonly startMs: number;
  /** null while it is on air, or may come back. */
  readonly endMs: number | null;
  readonly gaps: readonly { readonly startMs: number; readonly endMs: number }[];
  /** Since when its line has been down; null while it is not. */
  readonly downSinceMs: number | null;
};

/** A teacher who comes back within this time goes on with her broadcast; later, she begins another one. Milliseconds. */
export const COMES_BACK_MS = 600_000;
/** A channel that never ends is cut into broadcasts of this length, so that each can be replayed. Milliseconds. */
export const LONGEST_MS = 12 * 3_600_000;

/** What a step made of the broadcast that was open: those that changed, and the one that is open now. */
export type FoldStep = {
  readonly open: AiredBroadcast | null;
  readonly changed: readonly AiredBroadcast[];
};

/**
 * Goes on with the next run of a channel.
 *
 * A class begins with its first run on air. It goes on through interruptions and announcements, and ends when its teacher
 * ends it, when something else is on air, or when she stays away.
 *
 * @param open what is open so far; null for nothing
 * @param run it follows the run before it
 */
export function foldRun(open: AiredBroadcast | null, run: Run): FoldStep {
  const isClass = run.state === 'on-air';
  if (open === null) {
    if (!isClass) return { open: null, changed: [] };
    const begun = begin(run.broadcast, run.startMs);
    return { open: begun, changed: [begun] };
  }
  if (isClass) return goOn(open, run);
  if (run.state === 'interrupted' || run.state === 'announcement') {
    const down = { ...open, downSinceMs: open.downSinceMs ?? run.startMs };
    return { open: down, changed: [down] };
  }
  return { open: null, changed: [end(open, run.startMs)] };
}

function goOn(open: AiredBroadcast, run: Run): FoldStep {
  const { downSinceMs } = open;
  if (downSinceMs !== null && run.startMs - downSinceMs > COMES_BACK_MS) {
    const begun = begin(run.broadcast, run.startMs);
    return { open: begun, changed: [end(open, run.startMs), begun] };
  }
  const gaps =
    downSinceMs === null ? open.gaps : [...open.gaps, { startMs: downSinceMs, endMs: run.startMs }];
  const back = { ...open, gaps, downSinceMs: null };
  return { open: back, changed: [back] };
}

/**
 * Lets time pass over what is open.
 *
 * @param nowMs on the grid, UTC milliseconds
 */
export function foldTime(open: AiredBroadcast | null, nowMs: number): FoldStep {
  if (open === null) return { open, changed: [] };
  if (open.downSinceMs !== null && nowMs - open.downSinceMs > COMES_BACK_MS) {
    return { open: null, changed: [end(open, nowMs)] };
  }
  if (open.downSinceMs === null && nowMs - open.startMs >= LONGEST_MS) {
    const next = begin(`${open.id.slice(0, 40)}-${nowMs}`, nowMs);
    return { open: next, changed: [end(open, nowMs), next] };
  }
  return { open, changed: [] };
}

function begin(broadcast: string, startMs: number): AiredBroadcast {
  // A hardware encoder names none.
  const id = broadcast === '' ? String(startMs) : broadcast;
  return { id, startMs, endMs: null, gaps: [], downSinceMs: null };
}

/** What was down to the end was not an interruption, but the end. */
function end(open: AiredBroadcast, atMs: number): AiredBroadcast {
  return { ...open, endMs: open.downSinceMs ?? atMs, downSinceMs: null };
}
