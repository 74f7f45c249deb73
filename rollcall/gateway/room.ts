import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Attendee, StoredCall, Ledger } from '../ledger/ledger.ts';
import { callPhase, windowEndMs } from '../protocol/call.ts';
import { callFrame, type ServerFrame, type TallyFrame, type WelcomeFrame } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import type { Question } from './answer-intake.ts';
import { type Identity, hasTeacherRights, type Peer, sendFrame, SerializedFrame } from './peer.ts';
import { tallyFrame } from './tally.ts';

/** What a room works with. */
export type RoomDeps = {
  readonly channel: string;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, 'warn'>;
};

/** What those in the room were last told of the newest call. */
type Told = {
  readonly callId: string;
  windowMs: number;
  isClosed: boolean;
  /** Where the answers that teachers have been shown end. */
  cursor: string | null;
  /** Counts as teachers were last told them. */
  counts: string;
};

/** What a room asks of the ledger in one look. */
type Look = {
  readonly calls: readonly StoredCall[];
  readonly roster: RosterIndex;
  readonly connected: number;
};

/**
 * Those of one channel who are connected to this gateway, and what they are told. What is true stands in the ledger, for this
 * gateway and the others alike; a room looks there every tick, and tells its people what has changed since.
 */
export class Room {
  readonly channel: string;
  readonly #deps: RoomDeps;
  readonly #students = new Set<Peer>();
  readonly #teachers = new Set<Peer>();
  /** Connections of each student: one may have two tabs. */
  readonly #present = new Map<string, number>();
  #seen: Look = { calls: [], roster: new RosterIndex([]), connected: 0 };
  #told: Told | null = null;
  /** Who has come or was asked since it was last noted. */
  #toNote: Attendee[] = [];
  #tallyMs = Number.NEGATIVE_INFINITY;
  #begun: Promise<void> | null = null;
  #looking: Promise<void> | null = null;
  #nextLook: Promise<void> | null = null;

  constructor(deps: RoomDeps) {
    this.#deps = deps;
    this.channel = deps.channel;
  }

  /** Nobody is connected. */
  get isEmpty(): boolean {
    return this.#students.size === 0 && this.#teachers.size === 0;
  }

  /** Students who are connected here. */
  get studentCount(): number {
    return this.#present.size;
  }

  /** Teachers and operators who are connected here. */
  get teacherCount(): number {
    return this.#teachers.size;
  }

  /** The channel's calls as of the last look, oldest first. */
  get calls(): readonly StoredCall[] {
    return this.#seen.calls;
  }

  /** Students who are connected, on any gateway, as of the last look. */
  get connected(): number {
    return this.#seen.connected;
  }

  /** The channel's roster as of the last look. */
  get roster(): RosterIndex {
    return this.#seen.roster;
  }

  /**
   * Lets somebody in, and welcomes her: with the call that answers are taken for, if there is one.
   *
   * @throws {LedgerError} `ledger-unavailable` when it is not known yet what is going on
   */
  async join(peer: Peer): Promise<void> {
    const { sub, name, role } = peer.identity;
    if (hasTeacherRights(role)) {
      this.#teachers.add(peer);
      // A teacher who comes is shown the counts, whatever the others have seen.
      if (this.#told !== null) this.#told.counts = '';
    } else {
      this.#students.add(peer);
      this.#present.set(sub, (this.#present.get(sub) ?? 0) + 1);
    }
    await this.#begin();
    const { channel, ledger, nowMs } = this.#deps;
    const call = this.#seen.calls.at(-1);
    const welcome: WelcomeFrame = { type: 'welcome', serverTimeMs: nowMs(), sub, name, role };
    if (call === undefined || callPhase(call, nowMs()) === 'over') {
      sendFrame(peer, welcome);
      return;
    }
    const frame = { ...welcome, call: callFrame(call) };
    if (hasTeacherRights(role)) {
      sendFrame(peer, frame);
      return;
    }
    this.#toNote.push(this.attendee(peer.identity));
    const [answer] = await ledger.answersOf(channel, call.callId, [sub]);
    const answered =
      answer === null || answer === undefined
        ? {}
        : { answered: { callId: call.callId, status: answer.status } };
    sendFrame(peer, { ...frame, serverTimeMs: nowMs(), ...answered });
  }

  /** Waits for the first look; one that failed is tried again by the next who comes. */
  async #begin(): Promise<void> {
    this.#begun ??= this.look().catch((error: unknown) => {
      this.#begun = null;
      throw error;
    });
    await this.#begun;
  }

  /** Lets somebody go. */
  leave(peer: Peer): void {
    this.#teachers.delete(peer);
    if (!this.#students.delete(peer)) return;
    const { sub } = peer.identity;
    const left = (this.#present.get(sub) ?? 1) - 1;
    if (left > 0) this.#present.set(sub, left);
    else this.#present.delete(sub);
  }

  /** Who somebody is on the roster as of the last look. */
  attendee({ sub, name }: Identity): Attendee {
    return { sub, name, rosterId: this.roster.find(sub, name) };
  }

  /** What an answer to a call is judged by, as of the last look. */
  question(callId: string): Question {
    const call = this.#seen.calls.findLast((known) => known.callId === callId) ?? null;
    return { call, roster: this.#seen.roster };
  }

  /**
   * Looks what is in the ledger, and tells those who are here what has changed. One look at a time.
   *
   * @returns when a look that began after this was asked for has ended
   * @throws {LedgerError} `ledger-unavailable`
   */
  look(): Promise<void> {
    if (this.#looking === null) return this.#startLook();
    this.#nextLook ??= this.#looking.catch(() => {}).then(() => this.#startLook());
    return this.#nextLook;
  }

  /** {@link look}, for a hint or a timer: what goes wrong is in the log, and the next tick tries again. */
  tick(): void {
    this.look().catch((error: unknown) => {
      const { channel } = this;
      this.#deps.logger.warn(
        { channel, error: describeError(error) },
        `${channel}: the roll cannot be looked at`,
      );
    });
  }

  #startLook(): Promise<void> {
    this.#nextLook = null;
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** The counts of a call as they are now, for who asks over HTTP. */
  async tally(callId: string): Promise<TallyFrame> {
    const { channel, ledger } = this.#deps;
    const counts = await ledger.counts(channel, callId);
    const { answers } = await ledger.newest(channel, callId, null, LIMITS.tallyChanged);
    return tallyFrame(callId, counts, this.roster.entries.length, this.#seen.connected, answers);
  }

  async #lookOnce(): Promise<void> {
    const { channel, ledger, nowMs } = this.#deps;
    const [calls, entries, connected] = await Promise.all([
      ledger.calls(channel),
      ledger.roster(channel),
      ledger.connected(channel, this.#present.size),
    ]);
    const roster = entries === this.#seen.roster.entries ? this.#seen.roster : new RosterIndex(entries);
    this.#seen = { calls, roster, connected };
    const call = calls.at(-1);
    this.#told ??= { callId: '', windowMs: 0, isClosed: true, cursor: null, counts: '' };
    if (call === undefined) return;
    this.#tellOf(call, nowMs());
    await this.#note(call.callId);
    if (this.#teachers.size > 0 && nowMs() - this.#tallyMs >= LIMITS.tallyEveryMs)
      await this.#tellTeachers(call);
  }

  #tellOf(call: StoredCall, nowMs: number): void {
    const told = this.#told;
    const { callId, windowMs } = call;
    const phase = callPhase(call, nowMs);
    if (told === null || (told.callId !== callId && phase === 'over')) return;
    if (told.callId !== callId) {
      this.#told = { callId, windowMs, isClosed: false, cursor: null, counts: '' };
      this.#tell(callFrame(call));
      this.#askAll();
    } else if (told.windowMs !== windowMs) {
      told.windowMs = windowMs;
      // Who was told that it has ended is told of it anew only when it goes on.
      if (phase === 'open') {
        told.isClosed = false;
        this.#tell(callFrame(call));
      }
    }
    const now = this.#told;
    if (phase === 'open' || now === null || now.isClosed) return;
    now.isClosed = true;
    this.#tell({ type: 'closed', callId, atProgramTimeMs: windowEndMs(call) });
  }

  #askAll(): void {
    for (const { identity } of this.#students) this.#toNote.push(this.attendee(identity));
  }

  async #note(callId: string): Promise<void> {
    if (this.#toNote.length === 0) return;
    const asked = this.#toNote;
    this.#toNote = [];
    try {
      await this.#deps.ledger.noteAsked(this.channel, callId, asked);
    } catch (error) {
      // They were asked all the same: without a roster nobody else tells who is absent.
      this.#toNote = [...asked, ...this.#toNote];
      throw error;
    }
  }

  async #tellTeachers(call: StoredCall): Promise<void> {
    const { ledger, nowMs } = this.#deps;
    const told = this.#told;
    if (told === null || told.callId !== call.callId) return;
    this.#tallyMs = nowMs();
    const counts = await ledger.counts(this.channel, call.callId);
    const { cursor, answers } = await ledger.newest(
      this.channel,
      call.callId,
      told.cursor,
      LIMITS.tallyChanged,
    );
    told.cursor = cursor;
    const rosterSize = this.roster.entries.length;
    const frame = tallyFrame(call.callId, counts, rosterSize, this.#seen.connected, answers);
    const same = JSON.stringify({ ...frame, changed: [] });
    if (same === told.counts && answers.length === 0) return;
    told.counts = same;
    const written = new SerializedFrame(frame);
    for (const teacher of this.#teachers) teacher.send(written);
  }

  #tell(frame: ServerFrame): void {
    const written = new SerializedFrame(frame);
    for (const peer of this.#students) peer.send(written);
    for (const peer of this.#teachers) peer.send(written);
  }
}
