import type { SourceStream } from './source-stream.ts';

/** Result of a lookup: the source, or why there is none. */
export type FoundSource = SourceStream | 'over' | 'unknown';

/** A source that nobody read stays available for this long after its end, milliseconds. */
const UNREAD_MS = 15_000;
/** Number of ended broadcasts that are remembered, so that a late worker is told "over" and not "unknown". */
const MAX_REMEMBERED = 1000;

/** The sources that workers can read, by channel and broadcast. */
export class SourceStreams {
  readonly #sources = new Map<string, SourceStream>();
  readonly #over = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Makes a source available until {@link remove}. */
  add(channel: string, broadcast: string, source: SourceStream): void {
    this.#sources.set(`${channel}/${broadcast}`, source);
  }

  /** Removes the source of an ended broadcast: at once when it was read, otherwise after a grace time. */
  remove(channel: string, broadcast: string): void {
    const name = `${channel}/${broadcast}`;
    const source = this.#sources.get(name);
    if (source === undefined) return;
    if (source.wasRead) {
      this.#forget(name);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#forget(name);
    }, UNREAD_MS);
    this.#timers.add(timer);
  }

  /** Finds a source. */
  find(channel: string, broadcast: string): FoundSource {
    const name = `${channel}/${broadcast}`;
    return this.#sources.get(name) ?? (this.#over.has(name) ? 'over' : 'unknown');
  }

  /** Ends and removes all sources. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const source of this.#sources.values()) source.end('interrupted');
    this.#sources.clear();
  }

  #forget(name: string): void {
    this.#sources.delete(name);
    this.#over.add(name);
    for (const oldest of this.#over) {
      if (this.#over.size <= MAX_REMEMBERED) break;
      this.#over.delete(oldest);
    }
  }
}
