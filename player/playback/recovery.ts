import type { FailureCause } from './engine.ts';
import { backoffMs } from '../net/backoff.ts';
import type { ToldWait } from './told-wait.ts';

/** What can happen to playback. */
export type RecoveryEvent =
  /** The playhead moved. */
  | { readonly kind: 'progress' }
  /** Time passed; `wanted` is false while the viewer has paused. */
  | { readonly kind: 'tick'; readonly wanted: boolean }
  /** The engine gave up. `told`: the wait that the server asks for. */
  | { readonly kind: 'fatal'; readonly cause: FailureCause; readonly told?: ToldWait | null }
  /** The machine slept, or the page was frozen. */
  | { readonly kind: 'woke' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'online' };

/** What to do about it, the gentlest first. `rebuild` makes a new engine on the same page. */
export type RecoveryAction = 'none' | 'go-live' | 'resume' | 'recover-media' | 'swap-codec' | 'rebuild';

/** The state of recovery: a value, from which {@link recover} makes the next one. */
export type RecoveryState = {
  /** `stuck`: nothing moves but nothing failed; `down`: waiting to try again. */
  readonly phase: 'starting' | 'fine' | 'stuck' | 'down';
  readonly offline: boolean;
  /** Attempts that failed in a row. */
  readonly failures: number;
  readonly mediaFailures: number;
  readonly mediaFailedAtMs: number;
  /** When the present phase, or the last attempt within it, began. */
  readonly phaseSinceMs: number;
  /** When the playhead last moved, or was not meant to: how long viewers have waited counts from here. */
  readonly movedAtMs: number;
  /** Rungs of the ladder climbed since it stopped moving: 0 none, 1 go-live, 2 resume. */
  readonly rung: number;
  /** When to try again; null when nothing is planned. */
  readonly retryAtMs: number | null;
  /** The engine gave up and loads nothing: what still plays is the rest of the buffer. */
  readonly gaveUp: boolean;
  /** The server said when to come: nothing but time makes another attempt worth it. */
  readonly toldToWait: boolean;
  /** And that it has no room for new viewers. */
  readonly full: boolean;
};

/** The state of an engine that has just been made. */
export function startRecovery(nowMs: number): RecoveryState {
  return {
    phase: 'starting',
    offline: false,
    failures: 0,
    mediaFailures: 0,
    mediaFailedAtMs: Number.NEGATIVE_INFINITY,
    phaseSinceMs: nowMs,
    movedAtMs: nowMs,
    rung: 0,
    retryAtMs: null,
    gaveUp: false,
    toldToWait: false,
    full: false,
  };
}

const GO_LIVE_AFTER_MS = 2500;
const RESUME_AFTER_MS = 5000;
const REBUILD_AFTER_MS = 9000;
/** Playback must last this long before earlier failures are forgotten. */
const FORGET_AFTER_MS = 8000;
const MEDIA_MEMORY_MS = 60_000;
/** What is added at random to the time that a full server has named, as a share of it: else all it told the same come at once. */
const WAIT_SPREAD = 0.25;
/** A live class is worth asking for after this time, whatever a server or a proxy on the way has named. */
const LONGEST_WAIT_MS = 20_000;

/**
 * Decides what to do. It never gives up: whatever fails is tried again, at most 10 s later, or 25 s where a server asks to wait.
 *
 * @param random from 0 to 1, for the back-off
 */
export function recover(
  state: RecoveryState,
  event: RecoveryEvent,
  nowMs: number,
  random: number,
): { readonly state: RecoveryState; readonly action: RecoveryAction } {
  switch (event.kind) {
    case 'progress':
      return progressed(state, nowMs);
    case 'tick':
      return event.wanted
        ? tick(state, nowMs, random)
        : stay({ ...state, phaseSinceMs: nowMs, movedAtMs: nowMs });
    case 'fatal':
      return event.cause === 'media'
        ? mediaFailed(state, nowMs, random)
        : stay({ ...loadFailed(state, nowMs, random, event.told ?? null), gaveUp: true });
    case 'woke':
      // A retry that was planned before the sleep is overdue; a picture that was playing is minutes behind.
      if (state.phase === 'fine') return { state, action: 'go-live' };
      if (isToldToWait(state, nowMs)) return stay(state);
      return retry(state, nowMs);
    case 'offline':
      return stay({ ...state, offline: true });
    case 'online': {
      const online = { ...state, offline: false };
      if (state.phase === 'fine' || isToldToWait(state, nowMs)) return stay(online);
      // With jitter: a whole school's Wi-Fi comes back in one moment.
      return stay({ ...online, phase: 'down', retryAtMs: nowMs + random * 800 });
    }
  }
}

function progressed(before: RecoveryState, nowMs: number): { state: RecoveryState; action: RecoveryAction } {
  const { gaveUp } = before;
  const toldToWait = gaveUp && before.toldToWait;
  const state = { ...before, movedAtMs: nowMs, toldToWait, full: gaveUp && before.full };
  if (state.gaveUp && state.retryAtMs !== null) {
    // The engine loads again before the buffer runs out; a new one would discard what is in it.
    if (nowMs >= state.retryAtMs) return { ...retry(state, nowMs), action: 'resume' };
    return stay(state);
  }
  if (state.phase !== 'fine') {
    return stay({ ...state, phase: 'fine', phaseSinceMs: nowMs, rung: 0, retryAtMs: null });
  }
  return stay(
    nowMs - state.phaseSinceMs < FORGET_AFTER_MS ? state : { ...state, failures: 0, phaseSinceMs: nowMs },
  );
}

function tick(
  state: RecoveryState,
  nowMs: number,
  random: number,
): { state: RecoveryState; action: RecoveryAction } {
  if (state.retryAtMs !== null) return nowMs >= state.retryAtMs ? retry(state, nowMs) : stay(state);
  const stillMs = nowMs - state.phaseSinceMs;
  if (state.phase === 'fine') return stay({ ...state, phase: 'stuck', phaseSinceMs: nowMs, rung: 0 });
  if (stillMs > REBUILD_AFTER_MS)
    return stay(failed({ ...state, failures: Math.max(1, state.failures) }, nowMs, random));
  if (stillMs > RESUME_AFTER_MS && state.rung < 2) return { state: { ...state, rung: 2 }, action: 'resume' };
  if (stillMs > GO_LIVE_AFTER_MS && state.rung < 1 && state.phase === 'stuck') {
    return { state: { ...state, rung: 1 }, action: 'go-live' };
  }
  return stay(state);
}

function retry(state: RecoveryState, nowMs: number): { state: RecoveryState; action: RecoveryAction } {
  // At first the present engine loads again, and its last picture stays visible; after that a new one is made.
  return {
    state: { ...state, phase: 'stuck', phaseSinceMs: nowMs, rung: 2, retryAtMs: null, gaveUp: false },
    action: state.failures <= 1 ? 'resume' : 'rebuild',
  };
}

function isToldToWait({ toldToWait, retryAtMs }: RecoveryState, nowMs: number): boolean {
  return toldToWait && retryAtMs !== null && retryAtMs > nowMs;
}

function loadFailed(
  state: RecoveryState,
  nowMs: number,
  random: number,
  told: ToldWait | null,
): RecoveryState {
  if (told === null) return { ...failed(state, nowMs, random), toldToWait: false, full: false };
  // A server that answers is no failure of the engine: the same one asks again.
  const waitMs = Math.min(LONGEST_WAIT_MS, told.afterMs) * (1 + WAIT_SPREAD * random);
  const down = { ...state, phase: 'down' as const, phaseSinceMs: nowMs };
  return { ...down, retryAtMs: nowMs + waitMs, toldToWait: true, full: told.isFull };
}

function failed(state: RecoveryState, nowMs: number, random: number): RecoveryState {
  // One outage raises several errors; they are one failure.
  if (state.retryAtMs !== null) return state;
  const failures = state.failures + 1;
  return {
    ...state,
    phase: 'down',
    failures,
    phaseSinceMs: nowMs,
    retryAtMs: nowMs + backoffMs(failures, random),
  };
}

function mediaFailed(
  state: RecoveryState,
  nowMs: number,
  random: number,
): { state: RecoveryState; action: RecoveryAction } {
  const mediaFailures = nowMs - state.mediaFailedAtMs < MEDIA_MEMORY_MS ? state.mediaFailures + 1 : 1;
  const counted = { ...state, mediaFailures, mediaFailedAtMs: nowMs };
  const trying = { ...counted, phase: 'stuck' as const, phaseSinceMs: nowMs, rung: 2 };
  if (mediaFailures === 1) return { state: trying, action: 'recover-media' };
  if (mediaFailures === 2) return { state: trying, action: 'swap-codec' };
  return stay(failed({ ...counted, failures: Math.max(1, state.failures) }, nowMs, random));
}

function stay(state: RecoveryState): { state: RecoveryState; action: RecoveryAction } {
  return { state, action: 'none' };
}
