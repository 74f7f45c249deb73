/** What the page says about a timeshift. */
export const TIMESHIFT_STATES = [
  'loading',
  'playing',
  'ended',
  'reconnecting',
  'offline',
  'gone',
  'forbidden',
  'unsupported',
] as const;
/** One of {@link TIMESHIFT_STATES}. */
export type TimeshiftState = (typeof TIMESHIFT_STATES)[number];

/** Why a timeshift cannot be played at all. */
export type TimeshiftRefusal = 'gone' | 'forbidden' | 'unsupported';

/** What decides what the page says. */
export type TimeshiftStateInput = {
  readonly refusal: TimeshiftRefusal | null;
  readonly phase: 'starting' | 'fine' | 'stuck' | 'down';
  /** How long the picture has stood still though it should not, in milliseconds. */
  readonly stillMs: number;
  readonly offline: boolean;
  readonly paused: boolean;
  readonly ended: boolean;
  /** A picture was shown already. */
  readonly begun: boolean;
};

/** Loading after a seek shows a spinner only. */
const PATIENCE_MS = 6000;
/** A known failure is shown sooner. */
const DOWN_PATIENCE_MS = 1200;

/** Decides what the page says. */
export function timeshiftState(input: TimeshiftStateInput): TimeshiftState {
  const { refusal, phase, stillMs, offline, paused, ended, begun } = input;
  if (refusal !== null) return refusal;
  if (ended) return 'ended';
  const patienceMs = phase === 'down' ? DOWN_PATIENCE_MS : PATIENCE_MS;
  if (phase !== 'fine' && !paused && stillMs > patienceMs) return offline ? 'offline' : 'reconnecting';
  return begun ? 'playing' : 'loading';
}

/** Denials in a row that count: an edge may fail for a moment. */
const BELIEVED_AFTER = 3;

/**
 * Tells what the HTTP statuses of failures in a row mean.
 *
 * @param statuses of the last failures, newest last; null where there was no response
 * @returns why it cannot be played, or null while it is worth trying
 */
export function refusalOf(statuses: readonly (number | null)[]): 'gone' | 'forbidden' | null {
  const last = statuses.slice(-BELIEVED_AFTER);
  if (last.length < BELIEVED_AFTER) return null;
  if (last.every((status) => status === 401 || status === 403)) return 'forbidden';
  if (last.every((status) => status === 404 || status === 410 || status === 400)) return 'gone';
  return null;
}
