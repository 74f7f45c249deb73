import type { AnswerStatus, AnswerValue } from '../protocol/answer.ts';
import type { Call } from '../protocol/call.ts';
import { AppError } from '../../shared/errors.ts';

/** The ledger could not do what it was asked. */
export class LedgerError extends AppError {}

/** The error for what cannot be kept, or read, now: `ledger-unavailable` (503). */
export function unavailable(message: string, cause?: unknown): LedgerError {
  return new LedgerError(message, { code: 'ledger-unavailable', status: 503, retryAfterS: 2, cause });
}

/** An answer that counts, or is about to. */
export type Answer = {
  readonly callId: string;
  readonly channel: string;
  /** Who: the token's `sub`. One answer a student and call. */
  readonly sub: string;
  readonly name: string;
  /** The entry of the roster that this is; null for who is on none. */
  readonly rosterId: string | null;
  readonly answerId: string;
  readonly value: AnswerValue;
  readonly status: AnswerStatus;
  /** From hearing the call to the tap, milliseconds. */
  readonly reactionMs: number;
  readonly tapProgramTimeMs: number;
  readonly latencyMs: number;
  readonly stalled: boolean;
  /** The server's time, UTC milliseconds. */
  readonly receivedMs: number;
};

/** What became of an answer. `answer` is the one that stands, which is durable. */
export type Recorded =
  /** It stands now, or it is a retry of the one that does. */
  | { readonly kind: 'stands'; readonly answer: Answer }
  /** Another answer of this student was first. */
  | { readonly kind: 'duplicate'; readonly answer: Answer }
  /** Another student has sent this answerId. */
  | { readonly kind: 'id-taken' };

/** Names a broadcast of the origin. */
export type BroadcastRef = {
  readonly id: string;
  /** Program date time of its first picture, UTC milliseconds. */
  readonly startMs: number;
};

/** A call as the ledger stores it. */
export type StoredCall = Call & {
  /** The broadcast that was on air when it was opened; null where none is known. */
  readonly broadcast: BroadcastRef | null;
  /** The call is over, and the origin has its mark and the attendance. */
  readonly settled: boolean;
};

/** What may change of a call. */
export type CallChange = Partial<Pick<StoredCall, 'windowMs' | 'broadcast' | 'settled'>>;

/**
 * Decides what is to change of a call by what it is at that very moment.
 *
 * @param isNewest no other call of the channel was opened after it
 * @returns null to leave it
 */
export type CallDecision = (call: StoredCall, isNewest: boolean) => CallChange | null;

/** Who is expected in a class. */
export type RosterEntry = {
  /** As in the tokens' `sub`, or any number that the school uses. */
  readonly id: string;
  readonly name: string;
  /** Class or group; '' for none. */
  readonly group: string;
};

/** Somebody who was there. */
export type Attendee = { readonly sub: string; readonly name: string; readonly rosterId: string | null };

/** Somebody who was there, and the minutes of the class that she really watched. */
export type Watcher = Attendee & {
  /** Minutes since the epoch of program date time, in order, each once. */
  readonly minutes: readonly number[];
};

/** Counts of a call's answers. */
export type Counts = {
  readonly present: number;
  readonly late: number;
  readonly replay: number;
  /** Of all answers, those of the roster; each entry once. */
  readonly onRoster: number;
  /** For kinds `choice` and `number`: how often each value was given (present and late); at most 200 values. */
  readonly values: ReadonlyMap<number, number>;
  /** Reactions (present and late) by tenth of a second: index ⌊reactionMs / 100⌋, the last one for all that is slower. */
  readonly reactions: readonly number[];
  /** Students who were asked, on any gateway. */
  readonly asked: number;
};

/** Length of {@link Counts.reactions}: a minute and more is one. */
export const REACTION_BINS = 601;

/**
 * Keeps calls and answers so that nothing that was acknowledged is lost, whatever is killed, and nothing counts twice,
 * however many gateways take answers. What a promise here resolves with is durable.
 *
 * One contract test covers every implementation (test/rollcall/ledger/ledger.contract.ts).
 */
export type Ledger = {
  /**
   * Opens a call, unless another one of the channel has its window running: one at a time.
   *
   * @param nowMs the server's time, UTC milliseconds
   * @returns the call that is in the way
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  openCall(
    call: StoredCall,
    nowMs: number,
  ): Promise<{ readonly kind: 'opened' } | { readonly kind: 'busy'; readonly call: StoredCall }>;
  /**
   * Changes a call.
   *
   * @param decide is asked again where somebody else has changed the call, or opened another one, in the meantime
   * @returns as it is now; null where there is none of this id, or it was left
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null>;
  /**
   * Gives a channel's calls, those of other gateways too, oldest first. Answers from memory what changes seldom: it is to be
   * asked several times a second.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  calls(channel: string): Promise<readonly StoredCall[]>;
  /**
   * Records answers: the first of a student stands, and is durable when this resolves.
   *
   * @param answers of any calls and channels; many at once cost little more than one
   * @returns one a given answer, in that order
   * @throws {LedgerError} `ledger-unavailable` (503): none of them is known to be durable, all may be tried again
   */
  record(answers: readonly Answer[]): Promise<readonly Recorded[]>;
  /** Counts a call's answers, those of other gateways too. */
  counts(channel: string, callId: string): Promise<Counts>;
  /**
   * Gives the answers of some students.
   *
   * @returns one a given sub, in that order; null for who has none
   */
  answersOf(channel: string, callId: string, subs: readonly string[]): Promise<readonly (Answer | null)[]>;
  /**
   * Gives the newest answers of a call, oldest of them first, as they come in: for what changes on a screen, not for counting.
   *
   * @param after what the last call of this gave as `cursor`; null at first
   * @param most how many at most; older ones are left out
   */
  newestAnswers(
    channel: string,
    callId: string,
    after: string | null,
    most: number,
  ): Promise<{ readonly cursor: string | null; readonly answers: readonly Answer[] }>;
  /** Gives all answers of a call, in any order, each once. */
  answers(channel: string, callId: string): AsyncIterable<Answer>;
  /** Notes who was asked; durable soon after, and not worth an answer. */
  noteAsked(channel: string, callId: string, attendees: readonly Attendee[]): Promise<void>;
  /** Gives those who were asked, in any order, each once. */
  asked(channel: string, callId: string): AsyncIterable<Attendee>;
  /**
   * Tells how many students of a channel are connected to this gateway, and asks how many are to all of them. What a gateway
   * told counts for 5 s.
   */
  connected(channel: string, here: number): Promise<number>;
  /** Notes who was there and what they watched; durable soon after, and not worth an answer. */
  noteWatched(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): void;
  /**
   * Gives those who were there in some minutes.
   *
   * @param fromMinute minutes since the epoch, inclusive
   * @param toMinute inclusive; at most 24 hours later
   */
  watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher>;
  /** Puts a roster in place of the one before; [] for none. Ids and their order are the caller's to check. */
  putRoster(channel: string, roster: readonly RosterEntry[]): Promise<void>;
  /** Gives a channel's roster; [] where there is none. Answers from memory. */
  roster(channel: string): Promise<readonly RosterEntry[]>;
  /**
   * Tells when something of a channel has changed, here or on another gateway. Only a hint: it may be missed, so who needs to
   * be up to date asks again every tick.
   */
  onHint(listener: (channel: string) => void): void;
  /** What is wrong with the place where it keeps things, in words; null when it works. */
  notReady(): string | null;
  /** Finishes what is under way and lets go of files and connections. */
  close(): Promise<void>;
};
