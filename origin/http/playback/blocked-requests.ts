import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that is held until something is there. */
export type Waiter = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
};

type Group<T> = {
  readonly wanted: T;
  /** In the order they came, so that the first is always the one that has waited longest. */
  readonly waiters: Map<ServerResponse, { readonly waiter: Waiter; readonly untilMs: number }>;
};

/**
 * Requests that wait, grouped by what they wait for: however many wait for the same thing, it is looked at once, rendered
 * once, and sent from one buffer. One whose client goes away leaves at once.
 */
export class BlockedRequests<T> {
  readonly #groups = new Map<string, Group<T>>();
  readonly #capacity: number;
  #count = 0;

  /** @param capacity how many may wait at once */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /**
   * Holds a request.
   *
   * @param key the same for all that wait for the same answer
   * @param wanted what they wait for; that of the first one stands for all
   * @param untilMs when the wait ends without it, UTC milliseconds
   * @returns false when the room is full; the request is then still the caller's to answer
   */
  hold(key: string, wanted: T, waiter: Waiter, untilMs: number): boolean {
    if (this.#count >= this.#capacity) return false;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { wanted, waiters: new Map() };
      this.#groups.set(key, group);
    }
    const { waiters } = group;
    waiters.set(waiter.res, { waiter, untilMs });
    this.#count += 1;
    waiter.res.once('close', () => {
      if (waiters.delete(waiter.res)) this.#count -= 1;
    });
    return true;
  }

  /**
   * Lets go of every group whose wait is over.
   *
   * @param isOver asked once a group
   * @returns groups that are over, with their waiters in the order they came
   */
  release(isOver: (wanted: T) => boolean): { readonly wanted: T; readonly waiters: readonly Waiter[] }[] {
    const released: { wanted: T; waiters: Waiter[] }[] = [];
    for (const [key, group] of this.#groups) {
      if (group.waiters.size === 0) {
        this.#groups.delete(key);
      } else if (isOver(group.wanted)) {
        this.#groups.delete(key);
        const waiters = [...group.waiters.values()].map((held) => held.waiter);
        this.#count -= waiters.length;
        group.waiters.clear();
        released.push({ wanted: group.wanted, waiters });
      }
    }
    return released;
  }

  /**
   * Lets go of those that have waited too long.
   *
   * @returns their requests
   */
  expire(nowMs: number): Waiter[] {
    const expired: Waiter[] = [];
    for (const { waiters } of this.#groups.values()) {
      for (const [res, held] of waiters) {
        if (held.untilMs > nowMs) break;
        waiters.delete(res);
        this.#count -= 1;
        expired.push(held.waiter);
      }
    }
    return expired;
  }
}
