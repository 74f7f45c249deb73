/** A file that arrived, and when. Times are of performance.now(). */
export type Fetched = {
  readonly data: ArrayBuffer;
  readonly startMs: number;
  readonly firstMs: number;
  readonly endMs: number;
  /** It was requested before it existed. */
  readonly awaited: boolean;
};

type Entry = { readonly result: Promise<Fetched | null>; readonly abort: AbortController };

/** Requests at once; older ones are aborted. */
const MOST = 32;
const MOST_KINDS = 200;
const MEDIA = /\.m4s(\?|$)/;
/** hls.js requests files that exist: one that has not arrived this long after is requested anew, in milliseconds. */
const PATIENCE_MS = 3000;

/**
 * Requests files before hls.js does, and holds them until it does. hls.js reads EXT-X-PRELOAD-HINT but does not fetch it
 * (video-dev/hls.js#3988), which costs a round trip a part.
 */
export class Prefetcher {
  readonly #entries = new Map<string, Entry>();
  /** How recent files were requested, for bandwidth measurement. */
  readonly #kinds = new Map<string, 'awaited' | 'joined'>();

  /**
   * Requests a file, once.
   *
   * @param url absolute
   * @param awaited true when the server will hold the response until the file exists
   */
  want(url: string, awaited: boolean): void {
    // What was requested and taken is in the buffer by now.
    if (this.#entries.has(url) || this.#kinds.has(url)) return;
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
   * Takes a file out of the prefetcher.
   *
   * @returns the file, or null where the request failed; undefined where it was never requested
   */
  take(url: string): Promise<Fetched | null> | undefined {
    const entry = this.#entries.get(url);
    this.#entries.delete(url);
    if (entry === undefined) return undefined;
    const timer = setTimeout(() => entry.abort.abort(), PATIENCE_MS);
    return entry.result.finally(() => clearTimeout(timer));
  }

  /**
   * Tells how a media file was requested: before it existed, or afterwards. Files that were requested all at once on joining
   * shared the network, so that the time of each measures nothing.
   *
   * @returns null for files that are not to be measured
   */
  kindOf(url: string): 'awaited' | 'ready' | null {
    const kind = this.#kinds.get(url);
    if (kind === 'joined' || !MEDIA.test(url)) return null;
    return kind ?? 'ready';
  }

  /** Aborts all requests. */
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
    // hls.js requests the file again and handles the error.
    return null;
  }
}
