import { type Logger, sparing } from '../../shared/logger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Question } from './answer-intake.ts';
import type { Peer } from './peer.ts';
import { Room, type RoomDeps } from './room.ts';

/** A room that nobody is in goes after this, milliseconds: until then its roster need not be read again. */
const UNUSED_MS = 30_000;

/** All rooms of this gateway: a channel has one while somebody of it is connected, or asks for it. */
export class Rooms {
  readonly #ledger: Ledger;
  readonly #nowMs: () => number;
  readonly #logger: RoomDeps['logger'];
  readonly #rooms = new Map<string, { readonly room: Room; usedMs: number }>();

  constructor(ledger: Ledger, nowMs: () => number, logger: Logger) {
    this.#ledger = ledger;
    this.#nowMs = nowMs;
    // While the ledger is away each room would say so ten times a second.
    this.#logger = sparing(logger, 5000, nowMs);
    // Who calls the roll sees it at once; what comes from other gateways may as well wait for the next tick.
    ledger.onHint((channel) => this.#rooms.get(channel)?.room.tick());
  }

  /** Channels that somebody is connected to, or was a moment ago. */
  channels(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** Students who are connected here. */
  get studentCount(): number {
    return this.#count((room) => room.studentCount);
  }

  /** Teachers and operators who are connected here. */
  get teacherCount(): number {
    return this.#count((room) => room.teacherCount);
  }

  /** The room of a channel, which is made where there is none. */
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

  /** Lets somebody go. */
  leave(channel: string, peer: Peer): void {
    this.#rooms.get(channel)?.room.leave(peer);
  }

  /**
   * What an answer to a call is judged by: from memory where the room knows the call, else from the ledger.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async question(channel: string, callId: string): Promise<Question> {
    const known = this.room(channel).question(callId);
    return known.call === null ? (await this.fresh(channel)).question(callId) : known;
  }

  /**
   * The room of a channel as the ledger has it now.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  async fresh(channel: string): Promise<Room> {
    const room = this.room(channel);
    await room.look();
    return room;
  }

  /** Moves all rooms on, and lets go of those that nobody has been in, or asked for, for a while. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const [channel, { room, usedMs }] of this.#rooms) {
      if (room.isEmpty && Math.abs(nowMs - usedMs) > UNUSED_MS) this.#rooms.delete(channel);
      else room.tick();
    }
  }

  #count(of: (room: Room) => number): number {
    let sum = 0;
    for (const { room } of this.#rooms.values()) sum += of(room);
    return sum;
  }
}
