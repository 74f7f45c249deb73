import type { RunState } from '../playback/run-at.ts';

/** What the page says about a live channel. */
export const LIVE_STATES = [
  'loading',
  'before',
  'on-air',
  'interrupted',
  'over',
  'announcement',
  'recorded',
  'reconnecting',
  'offline',
  'full',
  'not-found',
  'forbidden',
  'unsupported',
] as const;
/** One of {@link LIVE_STATES}. */
export type LiveState = (typeof LIVE_STATES)[number];

/** What decides what the page says. */
export type LiveStateInput = {
  /** Why the page cannot play at all; null where it can. */
  readonly refusal: 'not-found' | 'forbidden' | 'unsupported' | null;
  readonly phase: 'starting' | 'fine' | 'stuck' | 'down';
  /** How long the picture has stood still, in milliseconds. */
  readonly stillMs: number;
  readonly offline: boolean;
  /** The server has no room yet. */
  readonly full: boolean;
  readonly paused: boolean;
  /** The run at the playhead, by the playlist. */
  readonly runState: RunState | null;
  /** The run that is on air now, by the API. */
  readonly apiState: RunState | null;
};

/** A shorter stall shows a spinner only. */
const PATIENCE_MS = 1200;
/** The first picture may take longer. */
const START_PATIENCE_MS = 6000;

/** Decides what the page says. The run at the playhead goes before the API's: a student sees what has reached her. */
export function liveState(input: LiveStateInput): LiveState {
  if (input.refusal !== null) return input.refusal;
  const { phase, stillMs, offline, full, paused } = input;
  // What is in the buffer plays on after an engine has given up.
  const isStill = stillMs > PATIENCE_MS || input.runState === null;
  if (full && phase !== 'fine' && isStill && !offline) return 'full';
  const waiting = phase !== 'fine' && stillMs > (phase === 'starting' ? START_PATIENCE_MS : PATIENCE_MS);
  if (waiting && !paused) return offline ? 'offline' : 'reconnecting';
  if (phase === 'starting' && input.runState === null) return 'loading';
  return input.runState ?? input.apiState ?? 'loading';
}
