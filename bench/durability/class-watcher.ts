import { createHash } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';

/** How long a viewer waits before it asks an origin again that did not answer. */
const RETRY_MS = 300;
const ANSWER_WITHIN_MS = 10_000;

/** What is compared of media: its length and SHA-256. */
export type Fingerprint = string;

/** Tells bytes apart. */
export function fingerprint(bytes: Uint8Array): Fingerprint {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Names a segment as its URI does: `360p/1122135435`; null for a URI of something else. */
export function segmentName(uri: string): string | null {
  const [, rendition, number] = /([a-z0-9-]+)\/(\d+)\.m4s$/.exec(uri) ?? [];
  return rendition === undefined ? null : `${rendition}/${number}`;
}

/** Watches a class live, every rendition of it at once, and keeps what each closed segment was. */
export class ClassWatcher {
  readonly #seen = new Map<string, Fingerprint>();
  readonly #refused: string[] = [];
  readonly #base: string;
  readonly #renditions: readonly string[];
  #running = true;

  /**
   * @param base `http://…/live/{channel}`
   * @param renditions their ids
   */
  constructor(base: string, renditions: readonly string[]) {
    this.#base = base;
    this.#renditions = renditions;
  }

  /** Segments that were seen, by {@link segmentName}; among them what stood on air before and between classes. */
  get seen(): ReadonlyMap<string, Fingerprint> {
    return this.#seen;
  }

  /** Listed segments that were answered with an error. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Watches until {@link stop}. An origin that does not answer is asked again, as a player does. */
  async run(): Promise<void> {
    await Promise.all(this.#renditions.map((rendition) => this.#follow(rendition)));
  }

  /** Ends it. */
  stop(): void {
    this.#running = false;
  }

  async #follow(rendition: string): Promise<void> {
    const url = `${this.#base}/${rendition}.m3u8`;
    let query = '';
    while (this.#running) {
      try {
        const answer = await fetch(url + query, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
        if (!answer.ok) throw new Error(`${url}${query}: ${answer.status}`);
        const { segments } = readPlaylist(await answer.text());
        const closed = segments.flatMap(({ uri, gap }) => (uri === null || gap ? [] : [uri]));
        await Promise.all(closed.map((uri) => this.#keep(new URL(uri, url).href)));
        const last = segments.findLast(({ uri }) => uri !== null)?.number;
        query = last === undefined ? '' : `?_HLS_msn=${last + 1}`;
      } catch {
        query = '';
        await after(RETRY_MS);
      }
    }
  }

  async #keep(url: string): Promise<void> {
    const name = segmentName(url);
    if (name === null || this.#seen.has(name)) return;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (answer.ok) this.#seen.set(name, fingerprint(bytes));
    else this.#refused.push(`${url}: ${answer.status}`);
  }
}
