import { AnswerBook } from '../answer-book.ts';
import type { Answer, Attendee, RosterEntry, StoredCall } from '../ledger.ts';
import { isOfStudent } from '../student-data.ts';

/** One call in memory. */
export type CallBook = {
  call: StoredCall;
  /** Its durable answers. */
  answers: AnswerBook;
  /** Students to whom it was announced, by `sub`. */
  readonly asked: Map<string, Attendee>;
};

/** The class list of a channel, and when it was written, UTC milliseconds. */
export type StoredRoster = { readonly entries: readonly RosterEntry[]; readonly atMs: number };

/** The calls and class lists of all channels, in memory. Holds only what is durable, apart from who was asked. */
export class CallBooks {
  readonly rosters = new Map<string, StoredRoster>();
  readonly #byId = new Map<string, CallBook>();
  /** Ids of a channel's calls, oldest first. */
  readonly #idsByChannel = new Map<string, string[]>();

  /** A call of a channel; null where it has none of this id. */
  find(channel: string, callId: string): CallBook | null {
    const book = this.#byId.get(callId);
    return book?.call.channel === channel ? book : null;
  }

  /** A channel's calls, oldest first. */
  calls(channel: string): readonly StoredCall[] {
    return (this.#idsByChannel.get(channel) ?? []).flatMap((id) => this.#byId.get(id)?.call ?? []);
  }

  /** Enters a call, or what it has changed to. */
  putCall(call: StoredCall): void {
    const { callId, channel } = call;
    const book = this.#byId.get(callId);
    if (book !== undefined) {
      book.call = call;
      return;
    }
    this.#byId.set(callId, { call, answers: new AnswerBook(), asked: new Map() });
    this.#idsByChannel.set(channel, [...(this.#idsByChannel.get(channel) ?? []), callId]);
  }

  /** Enters students who were asked; those of an unknown call are ignored. */
  putAsked(callId: string, attendees: readonly Attendee[]): void {
    const asked = this.#byId.get(callId)?.asked;
    for (const attendee of attendees) asked?.set(attendee.sub, attendee);
  }

  /**
   * Enters an answer that was read from the log; that of an unknown call is ignored. Texts that all answers of a call share are
   * shared in memory too: each line has its own copies, which for a week of a city would be gigabytes.
   */
  putReadAnswer(answer: Answer): void {
    const book = this.#byId.get(answer.callId);
    if (book === undefined) return;
    const { callId, channel } = book.call;
    const { sub, rosterId } = answer;
    book.answers.add({ ...answer, callId, channel, rosterId: rosterId === sub ? sub : rosterId });
  }

  /** All calls of a channel with their answers. */
  ofChannel(channel: string): CallBook[] {
    return (this.#idsByChannel.get(channel) ?? []).flatMap((id) => this.#byId.get(id) ?? []);
  }

  /** Whether a call is one of a channel, or not known. */
  mayBeOf(channel: string, callId: string): boolean {
    const book = this.#byId.get(callId);
    return book === undefined || book.call.channel === channel;
  }

  /** Removes a student from the calls and the class list of a channel. @param id her `sub`, or her number on the list */
  eraseStudent(channel: string, id: string): void {
    for (const book of this.ofChannel(channel)) {
      book.answers = book.answers.without((answer) => isOfStudent(id, answer));
      for (const attendee of book.asked.values()) {
        if (isOfStudent(id, attendee)) book.asked.delete(attendee.sub);
      }
    }
    const roster = this.rosters.get(channel);
    if (roster === undefined) return;
    this.rosters.set(channel, { ...roster, entries: roster.entries.filter((entry) => entry.id !== id) });
  }

  /** Removes calls that were heard before a time, UTC milliseconds. Class lists stay. */
  forget(beforeMs: number): void {
    for (const [channel, ids] of this.#idsByChannel) {
      const left = ids.filter((id) => (this.#byId.get(id)?.call.atProgramTimeMs ?? 0) >= beforeMs);
      for (const id of ids) if (!left.includes(id)) this.#byId.delete(id);
      if (left.length > 0) this.#idsByChannel.set(channel, left);
      else this.#idsByChannel.delete(channel);
    }
  }
}
