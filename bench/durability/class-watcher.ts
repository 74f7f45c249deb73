import { createHash } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';

/** Delay of a viewer's retry when the origin did not answer. */
const RETRY_MS = 300;
const ANSWER_WITHIN_MS = 10_000;

/** The fingerprint by which media is compared: length and SHA-256. */
export type Fingerprint = string;

/** Makes the fingerprint of some bytes. */
export function fingerprint(bytes: Uint8Array): Fingerprint {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Name of a segment, from its URI: `360p/1122135435`; null for any other URI. */
export function segmentName(uri: string): string | null {
  const [, rendition, number] = /([a-z0-9-]+)\/(\d+)\.m4s$/.exec(uri) ?? [];
  return rendition === undefined ? null : `${rendition}/${number}`;
}

/** Watches a class live, in all renditions at once, and records the fingerprint of each closed segment. */
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

  /** Segments that were seen, by {@link segmentName}; including the slate before and between classes. */
  get seen(): ReadonlyMap<string, Fingerprint> {
    return this.#seen;
  }

  /** Listed segments whose request failed. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Watches until {@link stop}. Requests that fail are retried, as a player does. */
  async run(): Promise<void> {
    await Promise.all(this.#renditions.map((rendition) => this.#follow(rendition)));
  }

  /** Stops watching. */
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
        await Promise.all(closed.map((uri) => this.#record(new URL(uri, url).href)));
        const last = segments.findLast(({ uri }) => uri !== null)?.number;
        query = last === undefined ? '' : `?_HLS_msn=${last + 1}`;
      } catch {
        query = '';
        await after(RETRY_MS);
      }
    }
  }

  async #record(url: string): Promise<void> {
    const name = segmentName(url);
    if (name === null || this.#seen.has(name)) return;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (answer.ok) this.#seen.set(name, fingerprint(bytes));
    else this.#refused.push(`${url}: ${answer.status}`);
  }
}
