import { LRUCache } from 'lru-cache';
import { addressGroup } from '../../shared/client-address.ts';
import { Admission } from './admission.ts';

/** Addresses that are remembered; one that comes back after so many others is new. */
const ADDRESSES_MAX = 20_000;

/**
 * A door for each address, in front of the one that all share: whoever asks too often finds her own closed, and takes nothing from
 * the others. A school may stand behind one address, so each lets a school in.
 */
export class AddressDoors {
  readonly #perSecond: number;
  readonly #doors = new LRUCache<string, Admission>({ max: ADDRESSES_MAX });

  /** @param perSecond how many are let in from one address each second, after as many at once */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * Asks to let one client in.
   *
   * @param address of the client, as `ClientAddresses` gives it
   * @param steadyMs monotonic milliseconds
   * @returns null when let in; else after how many whole seconds to come back
   */
  ask(address: string, steadyMs: number): number | null {
    const key = addressGroup(address);
    let door = this.#doors.get(key);
    if (door === undefined) {
      door = new Admission(this.#perSecond);
      this.#doors.set(key, door);
    }
    return door.ask(steadyMs);
  }
}
