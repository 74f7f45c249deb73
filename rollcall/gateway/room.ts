import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type Attendee, countedOf, type Counts, type Ledger, type StoredCall } from '../ledger/ledger.ts';
import { callPhase } from '../protocol/call.ts';
import { callFrame, type TallyFrame, type WelcomeFrame } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import type { AnswerContext } from './answer-intake.ts';
import { type AnnouncedCall, announcements } from './call-announcements.ts';
import { hasTeacherRights, type Identity } from './identity.ts';
import { ListedCounts } from './listed-counts.ts';
import { type Peer, sendFrame } from './peer.ts';
import { RoomMembers } from './room-members.ts';
import { tallyFrame } from './tally.ts';
import { TallyUpdates } from './tally-updates.ts';

/** What a room needs. */
export type RoomDeps = {
  readonly channel: string;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, 'warn'>;
};

/** What a room has read from the ledger in one refresh. */
type Snapshot = {
  /** Oldest first. */
  readonly calls: readonly StoredCall[];
  readonly roster: RosterIndex;
  /** Connected students, at all gateways. */
  readonly connected: number;
};

/**
 * One channel at this gateway. The ledger holds the truth for this and all other gateways: a room reads it on every tick and
 * tells its members what has changed since.
 */
export class Room {
  readonly channel: string;
  readonly #deps: RoomDeps;
  readonly #members: RoomMembers;
  readonly #tally: TallyUpdates;
  readonly #listedCounts: ListedCounts;
  /** The newest call, where the class list was replaced while it was answered. */
  #callOfTwoLists: string | null = null;
  #hasRead = false;
  #snapshot: Snapshot = { calls: [], roster: new RosterIndex([]), connected: 0 };
  #announced: AnnouncedCall | null = null;
  /** Students who were asked, and are not yet recorded as such. */
  #unrecorded: Attendee[] = [];
  #firstRefresh: Promise<void> | null = null;
  #refreshing: Promise<void> | null = null;
  #nextRefresh: Promise<void> | null = null;

  constructor(deps: RoomDeps) {
    this.#deps = deps;
    this.channel = deps.channel;
    this.#members = new RoomMembers((error) => {
      const message = `${this.channel}: a frame cannot be sent to one member; the others have it`;
      deps.logger.warn({ channel: this.channel, error: describeError(error) }, message);
    });
    this.#listedCounts = new ListedCounts(deps.ledger);
    this.#tally = new TallyUpdates({
      ...deps,
      counts: (callId) => this.#counts(callId),
    });
  }

  /** Nobody is connected. */
  get isEmpty(): boolean {
    return this.#members.isEmpty;
  }

  /** Students connected to this gateway. */
  get studentCount(): number {
    return this.#members.studentCount;
  }

  /** Teachers and operators connected to this gateway. */
  get teacherCount(): number {
    return this.#members.teacherCount;
  }

  /** The channel's calls as of the last refresh, oldest first. */
  get calls(): readonly StoredCall[] {
    return this.#snapshot.calls;
  }

  /** Students connected to any gateway, as of the last refresh. */
  get connected(): number {
    return this.#snapshot.connected;
  }

  /** The channel's class list as of the last refresh. */
  get roster(): RosterIndex {
    return this.#snapshot.roster;
  }

  /**
   * Adds a connection and welcomes it, with the current call if answers to it are accepted. A connection that leaves before the
   * first refresh is not welcomed.
   *
   * @throws {LedgerError} `ledger-unavailable` when the ledger was not read yet and cannot be read
   */
  async join(peer: Peer): Promise<void> {
    const { identity } = peer;
    const { sub, name, role } = identity;
    const isTeacher = hasTeacherRights(role);
    this.#members.add(peer);
    if (isTeacher) this.#tally.repeat();
    await this.#refreshedOnce();
    if (!this.#members.has(peer)) return;
    const { channel, ledger, nowMs } = this.#deps;
    const welcome: WelcomeFrame = { type: 'welcome', serverTimeMs: nowMs(), sub, name, role };
    const call = this.#snapshot.calls.at(-1);
    if (call === undefined || callPhase(call, nowMs()) === 'over') {
      sendFrame(peer, welcome);
      return;
    }
    const withCall = { ...welcome, call: callFrame(call) };
    if (isTeacher) {
      sendFrame(peer, withCall);
      return;
    }
    this.#unrecorded.push(this.attendee(identity));
    const { callId } = call;
    const [answer] = await ledger.answersOf(channel, callId, [sub]);
    const answered =
      answer === null || answer === undefined
        ? {}
        : { answered: { callId, status: answer.status, ...countedOf(answer) } };
    sendFrame(peer, { ...withCall, serverTimeMs: nowMs(), ...answered });
  }

  /** Removes a connection. */
  leave(peer: Peer): void {
    this.#members.remove(peer);
  }

  /** Finds somebody on the class list as of the last refresh. */
  attendee({ sub, name }: Identity): Attendee {
    return { sub, name, rosterId: this.roster.find(sub, name) };
  }

  /** What an answer to a call is judged by, as of the last refresh. */
  answerContext(callId: string): AnswerContext {
    const { calls, roster } = this.#snapshot;
    return { call: calls.findLast((known) => known.callId === callId) ?? null, roster };
  }

  /** Reads the tally of a call, for a request over HTTP. */
  async tally(callId: string): Promise<TallyFrame> {
    const { channel, ledger } = this.#deps;
    const counts = await this.#counts(callId);
    const { answers } = await ledger.newestAnswers(channel, callId, null, LIMITS.tallyChanged);
    return tallyFrame(callId, counts, this.roster, this.connected, answers);
  }

  /** A call that is over is counted by the present class list, as names and exports are; a running one as its answers arrive. */
  async #counts(callId: string): Promise<Counts> {
    const { channel, ledger, nowMs } = this.#deps;
    const counts = await ledger.counts(channel, callId);
    const { calls, roster } = this.#snapshot;
    const call = calls.findLast((known) => known.callId === callId);
    if (call === undefined) return counts;
    const isByPresentList = callPhase(call, nowMs()) === 'over' || callId === this.#callOfTwoLists;
    return isByPresentList ? this.#listedCounts.by(roster, call, counts) : counts;
  }

  /**
   * Reads the ledger and tells the members what has changed. One refresh runs at a time.
   *
   * @returns when a refresh has ended that began after this call
   * @throws {LedgerError} `ledger-unavailable`
   */
  refresh(): Promise<void> {
    if (this.#refreshing === null) return this.#startRefresh();
    this.#nextRefresh ??= this.#refreshing.catch(() => {}).then(() => this.#startRefresh());
    return this.#nextRefresh;
  }

  /** {@link refresh} for a timer or a hint: a failure is logged, and the next tick tries again. */
  tick(): void {
    const { channel } = this;
    this.refresh().catch((error: unknown) => {
      const message = `${channel}: the ledger cannot be read; members are not up to date`;
      this.#deps.logger.warn({ channel, error: describeError(error) }, message);
    });
  }

  /** Waits for the first refresh; after a failure the next caller tries again. */
  async #refreshedOnce(): Promise<void> {
    this.#firstRefresh ??= this.refresh().catch((error: unknown) => {
      this.#firstRefresh = null;
      throw error;
    });
    await this.#firstRefresh;
  }

  #startRefresh(): Promise<void> {
    this.#nextRefresh = null;
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const call = await this.#readLedger();
    if (call === undefined) return;
    this.#announce(call);
    await this.#recordAsked(call.callId);
    if (this.teacherCount === 0 || this.#announced?.callId !== call.callId) return;
    const frame = await this.#tally.next(call.callId, this.roster, this.connected);
    if (frame !== null) this.#members.broadcastToTeachers(frame);
  }

  /** @returns the newest call */
  async #readLedger(): Promise<StoredCall | undefined> {
    const { channel, ledger } = this.#deps;
    const [calls, entries, connected] = await Promise.all([
      ledger.calls(channel),
      ledger.roster(channel),
      ledger.connected(channel, this.studentCount),
    ]);
    const newest = calls.at(-1);
    const isReplaced = entries !== this.roster.entries;
    const roster = isReplaced ? await RosterIndex.of(entries) : this.roster;
    if (isReplaced && this.#hasRead && newest !== undefined) this.#callOfTwoLists = newest.callId;
    this.#hasRead = true;
    this.#snapshot = { calls, roster, connected };
    return newest;
  }

  #announce(call: StoredCall): void {
    const { announced, frames, isNewCall } = announcements(this.#announced, call, this.#deps.nowMs());
    this.#announced = announced;
    for (const frame of frames) this.#members.broadcast(frame);
    if (!isNewCall) return;
    for (const { identity } of this.#members.students) this.#unrecorded.push(this.attendee(identity));
  }

  async #recordAsked(callId: string): Promise<void> {
    if (this.#unrecorded.length === 0) return;
    const asked = this.#unrecorded;
    this.#unrecorded = [];
    try {
      await this.#deps.ledger.noteAsked(this.channel, callId, asked);
    } catch (error) {
      // To be recorded with the next tick: without a class list, only this tells who is absent.
      this.#unrecorded = [...asked, ...this.#unrecorded];
      throw error;
    }
  }
}
