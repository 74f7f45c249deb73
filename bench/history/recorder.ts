import { setTimeout as after } from 'node:timers/promises';
import type { MediaProbe } from '../../test/conformance/delivery-rules.ts';
import { readMultivariant } from '../../test/conformance/multivariant-rules.ts';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';
import type { Exchange } from '../../test/conformance/violation.ts';
import { readMediaTimeMs } from './media-time.ts';

/** All that a client saw of one channel. */
export type History = {
  readonly playlists: readonly Exchange[];
  readonly mpds: readonly Exchange[];
  readonly media: readonly MediaProbe[];
  /** Requests that got no answer at all. */
  readonly lost: readonly string[];
};

const MULTIVARIANT_EVERY_MS = 3000;
const MPD_EVERY_MS = 1000;
const ODD_EVERY_MS = 7000;
/** One part of so many is fetched. */
const PART_EVERY = 5;

/** Watches one channel as several clients at once, and keeps all of their answers. */
export class HistoryRecorder {
  readonly #playlists: Exchange[] = [];
  readonly #mpds: Exchange[] = [];
  readonly #media: MediaProbe[] = [];
  readonly #lost: string[] = [];
  readonly #base: string;
  #running = true;

  /** @param base `http://…/live/{channel}` */
  constructor(base: string) {
    this.#base = base;
  }

  /** Watches until {@link stop}; resolves when the last answer has come. */
  async run(): Promise<void> {
    const index = `${this.#base}/index.m3u8`;
    const first = await this.#ask(index, this.#playlists);
    const uris = readMultivariant(first?.text ?? '')?.uris ?? [];
    const renditions = [...new Set(uris)].map((uri) => new URL(uri, index).href);
    await Promise.all([
      this.#every(MULTIVARIANT_EVERY_MS, () => this.#ask(index, this.#playlists)),
      this.#every(MPD_EVERY_MS, () => this.#ask(`${this.#base}/manifest.mpd`, this.#mpds)),
      ...renditions.map((url) => this.#follow(url)),
      ...renditions.slice(0, 1).map((url) => this.#every(ODD_EVERY_MS, () => this.#askOddly(url))),
    ]);
  }

  /** Ends it. */
  stop(): void {
    this.#running = false;
  }

  /** What was seen so far. */
  get history(): History {
    return { playlists: this.#playlists, mpds: this.#mpds, media: this.#media, lost: this.#lost };
  }

  /** Reloads a playlist as a player does: delta updates, now and then a whole one, and some of the parts. */
  async #follow(url: string): Promise<void> {
    let next = '';
    for (let turn = 0; this.#running; turn += 1) {
      const skip = turn % 4 === 3 || next === '' ? '' : '&_HLS_skip=YES';
      const answer = await this.#ask(url + next + skip, this.#playlists);
      if (answer === null || answer.status !== 200) {
        await after(200);
        next = '';
        continue;
      }
      const { segments } = readPlaylist(answer.text);
      const last = segments.at(-1);
      if (last === undefined) continue;
      const isWhole = last.uri !== null;
      next = `?_HLS_msn=${last.number + (isWhole ? 1 : 0)}&_HLS_part=${isWhole ? 0 : last.parts.length}`;
      const part = last.parts.at(-1);
      if (turn % PART_EVERY === 0 && part !== undefined && !part.gap)
        void this.#probe(new URL(part.uri, url).href);
      // The oldest segment that is listed: it has to be there until long after it has left.
      const oldest = segments.find((segment) => segment.uri !== null && !segment.gap)?.uri;
      if (turn % (PART_EVERY * 4) === 1 && typeof oldest === 'string')
        void this.#probe(new URL(oldest, url).href);
    }
  }

  /** Requests that no player makes, and that have an answer all the same. */
  async #askOddly(url: string): Promise<void> {
    const plain = await this.#ask(url, this.#playlists);
    const last = readPlaylist(plain?.text ?? '').segments.at(-1)?.number ?? 0;
    const queries = [
      '?_HLS_part=3',
      '?_HLS_msn=x',
      `?_HLS_msn=${last - 100}`,
      `?_HLS_msn=${last + 5}`,
      `?_HLS_msn=${last}&_HLS_part=30`,
      `?_HLS_msn=${last}`,
      '?_HLS_skip=YES',
    ];
    for (const query of queries) await this.#ask(url + query, this.#playlists);
  }

  async #every(milliseconds: number, what: () => Promise<unknown>): Promise<void> {
    while (this.#running) {
      await what();
      await after(milliseconds);
    }
  }

  async #ask(url: string, kept: Exchange[]): Promise<Exchange | null> {
    const sentMs = Date.now();
    try {
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(20_000) });
      const text = await answer.text();
      const headers = Object.fromEntries(answer.headers);
      const exchange = { atMs: Date.now(), sentMs, url, status: answer.status, headers, text };
      kept.push(exchange);
      return exchange;
    } catch (error) {
      this.#lost.push(`${url}: ${String(error)}`);
      return null;
    }
  }

  async #probe(url: string): Promise<void> {
    const sentMs = Date.now();
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const timescaleHz = url.includes('/audio/') ? 48_000 : 90_000;
      const mediaTimeMs = answer.ok ? readMediaTimeMs(bytes, timescaleHz) : null;
      const headers = Object.fromEntries(answer.headers);
      this.#media.push({ atMs: Date.now(), sentMs, url, status: answer.status, headers, mediaTimeMs });
    } catch (error) {
      this.#lost.push(`${url}: ${String(error)}`);
    }
  }
}
