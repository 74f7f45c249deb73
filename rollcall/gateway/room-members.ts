import type { ServerFrame } from '../protocol/frames.ts';
import { hasTeacherRights } from './identity.ts';
import type { Peer } from './peer.ts';
import { SerializedFrame } from './serialized-frame.ts';

/** The connections of one channel at this gateway. */
export class RoomMembers {
  readonly #students = new Set<Peer>();
  readonly #teachers = new Set<Peer>();
  /** A student may have several tabs open. */
  readonly #connectionsBySub = new Map<string, number>();
  readonly #onSendFault: (error: unknown) => void;

  /** @param onSendFault told of each member whose sending throws; the others are sent to all the same */
  constructor(onSendFault: (error: unknown) => void) {
    this.#onSendFault = onSendFault;
  }

  /** No connection at all. */
  get isEmpty(): boolean {
    return this.#students.size === 0 && this.#teachers.size === 0;
  }

  /** Connected students, each counted once. */
  get studentCount(): number {
    return this.#connectionsBySub.size;
  }

  /** Connections of teachers and operators. */
  get teacherCount(): number {
    return this.#teachers.size;
  }

  /** Connections of students. */
  get students(): Iterable<Peer> {
    return this.#students;
  }

  /** Adds a connection. */
  add(peer: Peer): void {
    const { sub, role } = peer.identity;
    if (hasTeacherRights(role)) {
      this.#teachers.add(peer);
      return;
    }
    this.#students.add(peer);
    this.#connectionsBySub.set(sub, (this.#connectionsBySub.get(sub) ?? 0) + 1);
  }

  /** The connection was added and not removed. */
  has(peer: Peer): boolean {
    return this.#students.has(peer) || this.#teachers.has(peer);
  }

  /** Removes a connection; one that is not there is ignored. */
  remove(peer: Peer): void {
    this.#teachers.delete(peer);
    if (!this.#students.delete(peer)) return;
    const { sub } = peer.identity;
    const left = (this.#connectionsBySub.get(sub) ?? 1) - 1;
    if (left > 0) this.#connectionsBySub.set(sub, left);
    else this.#connectionsBySub.delete(sub);
  }

  /** Sends a frame to every connection. */
  broadcast(frame: ServerFrame): void {
    const serialized = new SerializedFrame(frame);
    for (const peer of this.#students) this.#send(peer, serialized);
    for (const peer of this.#teachers) this.#send(peer, serialized);
  }

  /** Sends a frame to every teacher and operator. */
  broadcastToTeachers(frame: ServerFrame): void {
    const serialized = new SerializedFrame(frame);
    for (const teacher of this.#teachers) this.#send(teacher, serialized);
  }

  #send(peer: Peer, frame: SerializedFrame): void {
    try {
      peer.send(frame);
    } catch (error) {
      this.#onSendFault(error);
    }
  }
}
