import type { ServerResponse } from 'node:http';
import type { Exchange } from '../reply/exchange.ts';

/** What a blocked request waits for, and how it is answered. */
export type Wait = {
  /** True once the request can be answered; also when what it waits for can no longer come. */
  isOver(): boolean;
  /** Answers one request. Called once for each request of a group, after {@link isOver} was true. */
  answer(exchange: Exchange): void;
};

/** Requests that are over, and how to answer them. */
export type Released = { readonly wait: Wait; readonly exchanges: readonly Exchange[] };

type Group = {
  readonly wait: Wait;
  /** In the order they came, so that the first is always the one that has waited longest. */
  readonly blocked: Map<ServerResponse, { readonly exchange: Exchange; readonly untilMs: number }>;
};

/**
 * The blocked requests of one channel, grouped by what they wait for: however many wait for the same thing, it is checked
 * once, rendered once, and sent from one buffer. A request whose client disconnects is removed at once.
 */
export class BlockedRequests {
  readonly #groups = new Map<string, Group>();
  readonly #capacity: number;
  #count = 0;

  /** @param capacity how many requests may be blocked at once */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many requests are blocked. */
  get count(): number {
    return this.#count;
  }

  /**
   * Blocks a request.
   *
   * @param key the same for all that wait for the same answer
   * @param wait that of the first request stands for all with this key
   * @param untilMs when to give up, UTC milliseconds
   * @returns false when too many are blocked already; the caller has to answer the request then
   */
  add(key: string, wait: Wait, exchange: Exchange, untilMs: number): boolean {
    if (this.#count >= this.#capacity) return false;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { wait, blocked: new Map() };
      this.#groups.set(key, group);
    }
    const { blocked } = group;
    const { res } = exchange;
    blocked.set(res, { exchange, untilMs });
    this.#count += 1;
    res.once('close', () => {
      if (blocked.delete(res)) this.#count -= 1;
    });
    return true;
  }

  /** Removes the requests whose wait is over, each group in the order its requests came. */
  release(): Released[] {
    const released: Released[] = [];
    for (const [key, { wait, blocked }] of this.#groups) {
      if (blocked.size === 0) {
        this.#groups.delete(key);
      } else if (isOver(wait)) {
        this.#groups.delete(key);
        const exchanges = [...blocked.values()].map(({ exchange }) => exchange);
        this.#count -= exchanges.length;
        blocked.clear();
        released.push({ wait, exchanges });
      }
    }
    return released;
  }

  /** Removes the requests that have waited too long. */
  expire(nowMs: number): Exchange[] {
    const expired: Exchange[] = [];
    for (const { blocked } of this.#groups.values()) {
      for (const [res, { exchange, untilMs }] of blocked) {
        if (untilMs > nowMs) break;
        blocked.delete(res);
        this.#count -= 1;
        expired.push(exchange);
      }
    }
    return expired;
  }
}

/** An exception ends the wait; it is thrown again, and reported, where the answer is made. */
function isOver(wait: Wait): boolean {
  try {
    return wait.isOver();
  } catch {
    return true;
  }
}
