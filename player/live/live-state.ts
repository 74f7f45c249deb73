import type { RunState } from '../playback/run-at.ts';

/** What the page says in words. */
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
  'not-found',
  'forbidden',
  'unsupported',
] as const;
/** One of {@link LIVE_STATES}. */
export type LiveState = (typeof LIVE_STATES)[number];

/** All that bears on what the page says. */
export type LiveStateInput = {
  /** What keeps the page from playing for good; null when nothing does. */
  readonly refusal: 'not-found' | 'forbidden' | 'unsupported' | null;
  readonly phase: 'starting' | 'fine' | 'stuck' | 'down';
  /** How long the picture has stood still, in milliseconds. */
  readonly stillMs: number;
  readonly offline: boolean;
  readonly paused: boolean;
  /** What is on air at the playhead, by the playlist. */
  readonly runState: RunState | null;
  /** What is on air now, by the API. */
  readonly apiState: RunState | null;
};

/** A hitch shorter than this is not worth words. */
const PATIENCE_MS = 1200;
/** A first picture may take longer than a hitch. */
const START_PATIENCE_MS = 6000;

/** Decides what the page says. The playhead's own state goes before the API's: a student sees what has reached them. */
export function liveState(input: LiveStateInput): LiveState {
  if (input.refusal !== null) return input.refusal;
  const { phase, stillMs, offline, paused } = input;
  const waiting = phase !== 'fine' && stillMs > (phase === 'starting' ? START_PATIENCE_MS : PATIENCE_MS);
  if (waiting && !paused) return offline ? 'offline' : 'reconnecting';
  if (phase === 'starting' && input.runState === null) return 'loading';
  return input.runState ?? input.apiState ?? 'loading';
}
