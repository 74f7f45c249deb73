import { type Logger, sparing } from '../../shared/logger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AnswerContext } from './answer-intake.ts';
import type { Peer } from './peer.ts';
import { Room, type RoomDeps } from './room.ts';

/** An empty room is discarded after this, milliseconds: until then its class list need not be read again. */
const DISCARD_AFTER_MS = 30_000;

/** All rooms of this gateway. A channel has one while somebody is connected to it or asks about it. */
export class Rooms {
  readonly #ledger: Ledger;
  readonly #nowMs: () => number;
  readonly #logger: RoomDeps['logger'];
  readonly #rooms = new Map<string, { readonly room: Room; usedMs: number }>();

  /** @param nowMs UTC milliseconds */
  constructor(ledger: Ledger, nowMs: () => number, logger: Logger) {
    this.#ledger = ledger;
    this.#nowMs = nowMs;
    // While the ledger is unavailable each room logs ten times a second.
    this.#logger = sparing(logger, 5000, nowMs);
    ledger.onHint((channel) => this.#rooms.get(channel)?.room.tick());
  }

  /** Channels that have a room. */
  channels(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** Students connected to this gateway. */
  get studentCount(): number {
    return this.#sum((room) => room.studentCount);
  }

  /** Teachers and operators connected to this gateway. */
  get teacherCount(): number {
    return this.#sum((room) => room.teacherCount);
  }

  /** The room of a channel; made where there is none. */
  room(channel: string): Room {
    let entry = this.#rooms.get(channel);
    if (entry === undefined) {
      const deps = { channel, ledger: this.#ledger, nowMs: this.#nowMs, logger: this.#logger };
      entry = { room: new Room(deps), usedMs: 0 };
      this.#rooms.set(channel, entry);
    }
    entry.usedMs = this.#nowMs();
    return entry.room;
  }

  /** Removes a connection from its room. */
  leave(channel: string, peer: Peer): void {
    this.#rooms.get(channel)?.room.leave(peer);
  }

  /**
   * What an answer to a call is judged by; a call that the room does not know is looked for in the ledger.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async answerContext(channel: string, callId: string): Promise<AnswerContext> {
    const known = this.room(channel).answerContext(callId);
    return known.call === null ? (await this.refreshed(channel)).answerContext(callId) : known;
  }

  /**
   * The room of a channel, up to date with the ledger.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async refreshed(channel: string): Promise<Room> {
    const room = this.room(channel);
    await room.refresh();
    return room;
  }

  /** Refreshes all rooms, and discards those that are empty and were not used for 30 s. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const [channel, { room, usedMs }] of this.#rooms) {
      if (room.isEmpty && Math.abs(nowMs - usedMs) > DISCARD_AFTER_MS) this.#rooms.delete(channel);
      else room.tick();
    }
  }

  #sum(of: (room: Room) => number): number {
    let sum = 0;
    for (const { room } of this.#rooms.values()) sum += of(room);
    return sum;
  }
}
