import type { Feed } from './source-stream.ts';

/** What is found where a feed is looked for. */
export type FoundFeed = Feed | 'over' | 'unknown';

/** How long a feed that nobody read yet can still be fetched after its end, milliseconds. */
const UNREAD_MS = 15_000;
/** How many ended broadcasts are remembered, so that a late worker hears "over" and not "unknown". */
const MAX_REMEMBERED = 1000;

/** The feeds that can be fetched, by channel and broadcast. */
export class FeedShelf {
  readonly #feeds = new Map<string, Feed>();
  readonly #over = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Puts up a feed; it stays until {@link remove}. */
  add(channel: string, broadcast: string, feed: Feed): void {
    this.#feeds.set(`${channel}/${broadcast}`, feed);
  }

  /** A broadcast ended: takes its feed down, at once if anybody has read it, else a little later. */
  remove(channel: string, broadcast: string): void {
    const name = `${channel}/${broadcast}`;
    const feed = this.#feeds.get(name);
    if (feed === undefined) return;
    if (feed.wasRead) {
      this.#forget(name);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#forget(name);
    }, UNREAD_MS);
    this.#timers.add(timer);
  }

  /** Looks for a feed. */
  find(channel: string, broadcast: string): FoundFeed {
    const name = `${channel}/${broadcast}`;
    return this.#feeds.get(name) ?? (this.#over.has(name) ? 'over' : 'unknown');
  }

  /** Takes everything down. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const feed of this.#feeds.values()) feed.end('interrupted');
    this.#feeds.clear();
  }

  #forget(name: string): void {
    this.#feeds.delete(name);
    this.#over.add(name);
    for (const oldest of this.#over) {
      if (this.#over.size <= MAX_REMEMBERED) break;
      this.#over.delete(oldest);
    }
  }
}
