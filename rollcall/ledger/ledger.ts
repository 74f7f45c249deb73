import { AppError } from '../../shared/errors.ts';
import type { AnswerStatus, AnswerValue, CountedAnswer } from '../protocol/answer.ts';
import type { Call } from '../protocol/call.ts';

/** The ledger could not do what was requested. */
export class LedgerError extends AppError {}

/** The error for what cannot be recorded or read now: `ledger-unavailable` (503). */
export function unavailable(message: string, cause?: unknown): LedgerError {
  return new LedgerError(message, { code: 'ledger-unavailable', status: 503, retryAfterS: 2, cause });
}

/** An answer that counts, once it is durable. */
export type Answer = {
  readonly callId: string;
  readonly channel: string;
  /** The `sub` of the student's token. One answer for each student and call. */
  readonly sub: string;
  readonly name: string;
  /** The id of her entry on the class list; null when she is not on it. */
  readonly rosterId: string | null;
  readonly answerId: string;
  readonly value: AnswerValue;
  readonly status: AnswerStatus;
  /** From hearing the call to the tap, milliseconds. */
  readonly reactionMs: number;
  readonly tapProgramTimeMs: number;
  readonly latencyMs: number;
  readonly stalled: boolean;
  /** When it arrived, the server's UTC milliseconds. */
  readonly receivedMs: number;
  /**
   * Its place among the student's answers to a call whose answers may be changed: the greatest counts. 0 where it may be changed
   * and changes none; left out where the first answer counts.
   */
  readonly sequence?: number;
};

/** What a student is told of her answer that counts; nothing where it cannot be changed. */
export function countedOf({ value, sequence }: Answer): { readonly counted?: CountedAnswer } {
  return sequence === undefined ? {} : { counted: { value, sequence } };
}

/** What became of an answer. `answer` is the student's durable one. */
export type Recorded =
  /** It counts, or is a retry of the one that does. */
  | { readonly kind: 'stands'; readonly answer: Answer }
  /** Another answer of this student was first, or has a greater sequence. */
  | { readonly kind: 'duplicate'; readonly answer: Answer }
  /** She has changed her answer `LIMITS.changesMax` times; this one is not recorded. */
  | { readonly kind: 'too-many'; readonly answer: Answer }
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
 * Decides how a call changes, by its present state.
 *
 * @param isNewest no other call of the channel was opened after it
 * @returns null for no change
 */
export type CallDecision = (call: StoredCall, isNewest: boolean) => CallChange | null;

/** What became of a call that was to be opened. `call` is the one that is open already. */
export type OpenOutcome = { readonly kind: 'opened' } | { readonly kind: 'busy'; readonly call: StoredCall };

/** An entry of a class list. */
export type RosterEntry = {
  /** The `sub` of the student's token, or any number that the school uses. */
  readonly id: string;
  readonly name: string;
  /** Class or group; '' for none. */
  readonly group: string;
};

/** A student who was asked or has watched. */
export type Attendee = { readonly sub: string; readonly name: string; readonly rosterId: string | null };

/** A minute that a student watched, minutes since the epoch of program date time. */
export type WatchedMinute = Attendee & { readonly minute: number };

/** A student and the minutes that she watched. */
export type Watcher = Attendee & {
  /** Minutes since the epoch of program date time, ascending, each once. */
  readonly minutes: readonly number[];
};

/** All that is stored of one student in a channel's roll call. */
export type StudentData = {
  /** Entries of the class list. */
  readonly roster: readonly RosterEntry[];
  /** Also those that she has changed. */
  readonly answers: readonly Answer[];
  /** Calls that she was asked. */
  readonly asked: readonly (Attendee & { readonly callId: string })[];
  readonly watched: readonly Watcher[];
};

/** How many have answered, by the status of the answer. */
export type StatusCounts = Readonly<Record<AnswerStatus, number>>;

/** Counts of a call's answers: of everybody who has answered, on the class list or not. */
export type Counts = StatusCounts & {
  /** Entries of the class list that have an answer, by the status of the one that counts: their own, else the first. */
  readonly listed: StatusCounts;
  /** Entries of the class list that have an answer. */
  readonly onRoster: number;
  /** For kinds `choice` and `number`: how often each value was given (present and late); at most 200 values. */
  readonly values: ReadonlyMap<number, number>;
  /** Answers (present and late) by reaction time, see {@link reactionBin}. */
  readonly reactions: readonly number[];
  /** Students who were asked, at all gateways. */
  readonly asked: number;
};

/** Length of {@link Counts.reactions}: tenths of a second up to a minute, and one bin for everything slower. */
export const REACTION_BINS = 601;

/** The index of a reaction time in {@link Counts.reactions}. */
export function reactionBin(reactionMs: number): number {
  return Math.min(REACTION_BINS - 1, Math.floor(reactionMs / 100));
}

/** Some of the newest answers of a call, oldest first. */
export type NewestAnswers = {
  /** To be given as `after` the next time. */
  readonly cursor: string | null;
  readonly answers: readonly Answer[];
};

/**
 * Stores calls and answers so that no acknowledged answer is lost, whatever is killed, and none counts twice, however many
 * gateways accept answers. What a promise here resolves with is durable.
 *
 * One contract test covers every implementation (test/rollcall/ledger/ledger.contract.ts).
 */
export type Ledger = {
  /**
   * Opens a call, unless the window of the channel's newest one is still open.
   *
   * @param nowMs the server's UTC milliseconds
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  openCall(call: StoredCall, nowMs: number): Promise<OpenOutcome>;
  /**
   * Changes a call.
   *
   * @param decide called again when the call was changed, or another one opened, in the meantime
   * @returns the changed call; null where there is none of this id, or no change
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null>;
  /**
   * The calls of a channel, those of other gateways too, oldest first. Cached: it is called several times a second.
   *
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  calls(channel: string): Promise<readonly StoredCall[]>;
  /**
   * Records answers: of each student and call the one with the greatest sequence counts, the first of equal ones. Those that count
   * are durable when this resolves, and so is each that has a sequence above 0.
   *
   * @param answers of any calls and channels; many at once cost little more than one
   * @returns one for each answer, in their order
   * @throws {LedgerError} `ledger-unavailable` (503): it is unknown whether they are durable; all may be tried again
   */
  record(answers: readonly Answer[]): Promise<readonly Recorded[]>;
  /** Counts of a call's answers, those of other gateways too. */
  counts(channel: string, callId: string): Promise<Counts>;
  /**
   * The answers of some students to a call.
   *
   * @returns one for each sub, in their order; null for a student without an answer
   */
  answersOf(channel: string, callId: string, subs: readonly string[]): Promise<readonly (Answer | null)[]>;
  /**
   * The newest answers of a call in the order in which they became durable: for a display, not for counting.
   *
   * @param after the `cursor` of the previous request; null at first
   * @param most how many; older ones are left out
   */
  newestAnswers(channel: string, callId: string, after: string | null, most: number): Promise<NewestAnswers>;
  /** The answers of a call that count, in any order, one of each student. */
  answers(channel: string, callId: string): AsyncIterable<Answer>;
  /** Records which students were asked. Durable soon after it resolves, without a guarantee. */
  noteAsked(channel: string, callId: string, attendees: readonly Attendee[]): Promise<void>;
  /** The students who were asked, in any order, each once. */
  asked(channel: string, callId: string): AsyncIterable<Attendee>;
  /**
   * Reports how many students of a channel are connected to this gateway; a report counts for 5 s.
   *
   * @returns how many are connected to all gateways
   */
  connected(channel: string, here: number): Promise<number>;
  /** Records watched minutes. Durable soon, without a guarantee. */
  noteWatched(channel: string, watched: readonly WatchedMinute[]): void;
  /**
   * The students who watched any minute of a range.
   *
   * @param fromMinute minutes since the epoch, inclusive
   * @param toMinute inclusive; at most 24 hours later
   */
  watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher>;
  /** Replaces a channel's class list; [] for none. Ids and order are the caller's to check. */
  putRoster(channel: string, roster: readonly RosterEntry[]): Promise<void>;
  /** A channel's class list; [] where there is none. Cached. */
  roster(channel: string): Promise<readonly RosterEntry[]>;
  /**
   * All that is stored of a student in a channel.
   *
   * @param id the `sub` of her token, or her number on the class list
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  studentData(channel: string, id: string): Promise<StudentData>;
  /**
   * Erases all that is stored of a student in a channel, on disk too; what she does afterwards is recorded anew. It may take a
   * minute.
   *
   * @returns what there was
   * @throws {LedgerError} `ledger-unavailable` (503): some of it may be erased; it is to be tried again
   */
  eraseStudent(channel: string, id: string): Promise<StudentData>;
  /**
   * Registers a listener that is told when something of a channel has changed, here or at another gateway. Hints may be lost:
   * who has to be up to date reads again on every tick.
   */
  onHint(listener: (channel: string) => void): void;
  /** Why nothing can be recorded now; null when it can. */
  notReady(): string | null;
  /** Finishes pending work and closes files and connections. */
  close(): Promise<void>;
};
