/** A file that came, and when. Times are of performance.now(). */
export type Fetched = {
  readonly data: ArrayBuffer;
  readonly startMs: number;
  readonly firstMs: number;
  readonly endMs: number;
  /** True when it was asked for before it was made. */
  readonly awaited: boolean;
};

type Entry = { readonly result: Promise<Fetched | null>; readonly abort: AbortController };

/** Files under way at once; older ones are given up. */
const MOST = 32;
const MOST_KINDS = 200;
const MEDIA = /\.m4s(\?|$)/;
/** hls.js asks for what exists: a file that is still not here so long after is asked for anew. */
const PATIENCE_MS = 3000;

/**
 * Asks for files before hls.js does, and keeps them until it does. hls.js reads EXT-X-PRELOAD-HINT but does not fetch it
 * (video-dev/hls.js#3988), which costs a round trip a part.
 */
export class Prefetcher {
  readonly #entries = new Map<string, Entry>();
  /** What was asked for lately and how, for those who time it. */
  readonly #kinds = new Map<string, 'awaited' | 'joined'>();

  /**
   * Asks for a file, once.
   *
   * @param url absolute
   * @param awaited true when the server will hold the answer until the file is made
   */
  want(url: string, awaited: boolean): void {
    if (this.#entries.has(url)) return;
    const abort = new AbortController();
    this.#kinds.set(url, awaited ? 'awaited' : 'joined');
    for (const oldest of this.#kinds.keys()) {
      if (this.#kinds.size <= MOST_KINDS) break;
      this.#kinds.delete(oldest);
    }
    this.#entries.set(url, { result: get(url, awaited, abort.signal), abort });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= MOST) break;
      entry.abort.abort();
      this.#entries.delete(oldest);
    }
  }

  /**
   * Takes a file out.
   *
   * @returns the file, or null when it could not be had this way; undefined when it was never asked for
   */
  take(url: string): Promise<Fetched | null> | undefined {
    const entry = this.#entries.get(url);
    this.#entries.delete(url);
    if (entry === undefined) return undefined;
    const timer = setTimeout(() => entry.abort.abort(), PATIENCE_MS);
    return entry.result.finally(() => clearTimeout(timer));
  }

  /**
   * Tells how a media file was asked for: before it was made, or when it was there. What was fetched all at once on joining
   * shared the line, so that each file's own time tells nothing of it.
   *
   * @returns null for what is not to be timed
   */
  kindOf(url: string): 'awaited' | 'ready' | null {
    const kind = this.#kinds.get(url);
    if (kind === 'joined' || !MEDIA.test(url)) return null;
    return kind ?? 'ready';
  }

  /** Gives up what is under way. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.abort.abort();
    this.#entries.clear();
  }
}

async function get(url: string, awaited: boolean, signal: AbortSignal): Promise<Fetched | null> {
  const startMs = performance.now();
  try {
    const response = await fetch(url, { signal });
    const firstMs = performance.now();
    if (!response.ok) return null;
    const data = await response.arrayBuffer();
    return { data, startMs, firstMs, endMs: performance.now(), awaited };
  } catch {
    // Whoever wants the file asks again by himself and meets the error there.
    return null;
  }
}
