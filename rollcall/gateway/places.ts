import { CLOSE_CODES } from '../protocol/frames.ts';
import { hasTeacherRights, type RollCallRole } from './identity.ts';
import { type Peer, sendFrame } from './peer.ts';

/** What the places are counted from. */
export type PlacesOptions = {
  readonly maxConnections: number;
  /** Open connections of every kind, also those whose hello has not come. */
  openConnections(): number;
  /** From 0 to below 1. */
  readonly random: () => number;
};

/** Connections of one student on one channel: a phone, a computer, and a reload or two that have not ended yet. */
const MOST_OF_STUDENT = 5;
/** Of one teacher or operator on one channel: several screens. */
const MOST_OF_STAFF = 12;
/** Of one student on all channels, which a token for `*` opens. */
const MOST_EVERYWHERE = 12;
/** Share of the places that no student gets: without her teacher, nobody is asked anything. */
const STAFF_SHARE = 0.05;
const STAFF_LEAST = 2;
/** When a connection that had to go for another of the same person may come back, milliseconds. */
const RETURN_MS = 60_000;

type Place = { readonly channel: string; readonly peer: Peer };

/**
 * Who has a place at this gateway: a few for each person on each channel, of which the oldest goes when there is one more, and some
 * that are for teachers and operators alone.
 */
export class Places {
  readonly #options: PlacesOptions;
  readonly #byPerson = new Map<string, Place[]>();
  #staff = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /**
   * Whether somebody of a role finds no place.
   *
   * @param isCounted her connection is in `openConnections` already
   */
  isFull(role: RollCallRole, isCounted: boolean): boolean {
    if (hasTeacherRights(role)) return false;
    const { maxConnections, openConnections } = this.#options;
    const reserved = Math.max(STAFF_LEAST, Math.ceil(maxConnections * STAFF_SHARE));
    const others = openConnections() - this.#staff - (isCounted ? 1 : 0);
    return others >= Math.max(1, maxConnections - reserved);
  }

  /** Gives a place to a peer, who is identified; the oldest connection of the same person beyond a limit is closed. */
  take(channel: string, peer: Peer): void {
    if (hasTeacherRights(peer.identity.role)) this.#staff += 1;
    for (const { key, most } of limitsOf(channel, peer)) {
      const own = this.#byPerson.get(key) ?? [];
      own.push({ channel, peer });
      this.#byPerson.set(key, own);
      const [oldest] = own;
      if (oldest !== undefined && own.length > most) this.#replace(oldest);
    }
  }

  /** Takes the place of a peer back; of one that has none, nothing. */
  leave(channel: string, peer: Peer): void {
    let hadOne = false;
    for (const { key } of limitsOf(channel, peer)) {
      const own = this.#byPerson.get(key) ?? [];
      const at = own.findIndex((place) => place.peer === peer);
      if (at < 0) continue;
      hadOne = true;
      own.splice(at, 1);
      if (own.length === 0) this.#byPerson.delete(key);
    }
    if (hadOne && hasTeacherRights(peer.identity.role)) this.#staff -= 1;
  }

  #replace({ channel, peer }: Place): void {
    this.leave(channel, peer);
    // Otherwise it would be back at once, and close the next one.
    const reconnectAfterMs = Math.floor(RETURN_MS * (1 + this.#options.random()));
    sendFrame(peer, { type: 'bye', reconnectAfterMs });
    peer.close(CLOSE_CODES.replaced, 'too many connections of one person');
  }
}

/** What a peer counts under. An id alone may be that of two people in two schools, so everywhere it counts with the name. */
function limitsOf(
  channel: string,
  { identity: { sub, name, role } }: Peer,
): { readonly key: string; readonly most: number }[] {
  if (hasTeacherRights(role)) return [{ key: `staff\n${channel}\n${sub}`, most: MOST_OF_STAFF }];
  return [
    { key: `student\n${channel}\n${sub}`, most: MOST_OF_STUDENT },
    { key: `everywhere\n${sub}\n${name}`, most: MOST_EVERYWHERE },
  ];
}
