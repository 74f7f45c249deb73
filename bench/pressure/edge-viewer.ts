import { setTimeout as after } from 'node:timers/promises';
import { type ReadPlaylist, readPlaylist } from '../../test/conformance/playlist-reader.ts';
import { fetchBytes, fetchText } from '../served/fetching.ts';

/** A part as a viewer got it. */
export type GotPart = {
  /** When its last byte was here, UTC milliseconds. */
  readonly atMs: number;
  /** Address of its init segment. */
  readonly init: string;
  readonly bytes: Buffer;
};

/** Pause after a request that failed, as a player makes. */
const RETRY_MS = 250;
/** How often a part is asked for. */
const TRIES = 3;

/**
 * End of the newest part that a playlist lists, by its EXT-X-PROGRAM-DATE-TIME. Pure.
 *
 * @returns UTC milliseconds; NaN where no date says it
 */
export function newestEndMs({ segments }: Pick<ReadPlaylist, 'segments'>): number {
  let endMs = Number.NaN;
  for (const { dateMs, durationS } of segments) endMs = (dateMs ?? endMs) + durationS * 1000;
  return endMs;
}

/** Follows one rendition by blocking reloads, as a player that waits for each part does; it decodes nothing. */
export class EdgeViewer {
  readonly #url: string;
  readonly #keeps: boolean;
  readonly #stop = new AbortController();
  readonly #parts: GotPart[] = [];
  readonly #refused: string[] = [];
  readonly #inits = new Map<string, Buffer>();
  #endMs = Number.NaN;
  /** What is asked for next is the part after this one; -1 for the first of a segment. */
  #number = -1;
  #part = -1;
  /** Newest segment number that was listed. */
  #seen = -1;
  /** Segment whose parts were taken last, and how many of them. */
  #partsOf = -1;
  #partsHad = 0;
  #missing = 0;
  #discontinuities = 0;
  #failures = 0;

  /**
   * @param url media playlist
   * @param keeps fetches the parts too, and keeps them
   */
  constructor(url: string, keeps: boolean) {
    this.#url = url;
    this.#keeps = keeps;
  }

  /** Parts so far, oldest first; empty where none is fetched. */
  get parts(): readonly GotPart[] {
    return this.#parts;
  }

  /** Init segments by address. */
  get inits(): ReadonlyMap<string, Buffer> {
    return this.#inits;
  }

  /** Segment numbers that were left out or listed as a gap. */
  get missing(): number {
    return this.#missing;
  }

  /** EXT-X-DISCONTINUITY tags that were passed. */
  get discontinuities(): number {
    return this.#discontinuities;
  }

  /** Requests that failed or timed out. */
  get failures(): number {
    return this.#failures;
  }

  /** Parts that were listed and never came. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Age of the newest part: now less the end of its media time. NaN while none is known. */
  ageMs(nowMs: number): number {
    return nowMs - this.#endMs;
  }

  /** Follows until {@link stop}. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const next = this.#number < 0 ? '' : `?_HLS_msn=${this.#number}&_HLS_part=${this.#part + 1}`;
      try {
        const text = await fetchText(this.#url + next);
        await this.#take(readPlaylist(text));
      } catch {
        if (this.#stop.signal.aborted) return;
        this.#failures += 1;
        this.#number = -1;
        await after(RETRY_MS);
      }
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  async #take(playlist: ReadPlaylist): Promise<void> {
    const last = playlist.segments.at(-1);
    if (last === undefined) throw new Error(`${this.#url}: no segment`);
    const endMs = newestEndMs(playlist);
    if (!(endMs <= this.#endMs)) this.#endMs = endMs;
    const isFirst = this.#seen < 0;
    const fresh = playlist.segments.filter(({ number }) => number >= this.#seen);
    const wanted: { readonly uri: string; readonly init: string }[] = [];
    for (const segment of isFirst ? [last] : fresh) {
      const isNew = segment.number > this.#seen;
      if (isNew && !isFirst) {
        this.#missing += segment.number - this.#seen - 1 + (segment.gap ? 1 : 0);
        if (segment.discontinuity) this.#discontinuities += 1;
      }
      this.#seen = Math.max(this.#seen, segment.number);
      const had = segment.number === this.#partsOf ? this.#partsHad : 0;
      const init = new URL(segment.map ?? '', this.#url).href;
      const uris = segment.parts.slice(had).map(({ uri }) => uri);
      // Its parts are listed no more: it is fetched whole.
      if (uris.length === 0 && had === 0 && segment.uri !== null && !segment.gap) uris.push(segment.uri);
      wanted.push(...uris.map((uri) => ({ uri: new URL(uri, this.#url).href, init })));
      [this.#partsOf, this.#partsHad] = [segment.number, Math.max(had, segment.parts.length)];
    }
    [this.#number, this.#part] =
      last.uri === null ? [last.number, last.parts.length - 1] : [last.number + 1, -1];
    if (this.#keeps) await this.#fetch(wanted);
  }

  async #fetch(wanted: readonly { readonly uri: string; readonly init: string }[]): Promise<void> {
    for (const { uri, init } of wanted) {
      for (let tries = 1; !this.#stop.signal.aborted; tries += 1) {
        try {
          if (!this.#inits.has(init)) this.#inits.set(init, await fetchBytes(init));
          const bytes = await fetchBytes(uri);
          this.#parts.push({ atMs: Date.now(), init, bytes });
          break;
        } catch (error) {
          this.#failures += 1;
          if (tries < TRIES) continue;
          this.#refused.push(String(error));
          break;
        }
      }
    }
  }
}
