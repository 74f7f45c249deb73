import { LRUCache } from 'lru-cache';
import type { TextBody } from '../../cached-text/text-body.ts';
import { StartOverError } from '../../replay/start-over.ts';

/** Size of all cached texts, in bytes; each is rendered again when a segment closes. */
const CACHE_BYTES = 64 << 20;
/** Texts that are rendered at a time; one of six hours takes some 10 ms, and 1.4 MB. */
const MAX_RENDERING = 64;

/** What a text was rendered from, but for the past, which does not change. */
export type TextState = {
  /** Number of the newest closed segment. */
  readonly newest: number;
  /** When the bit rates in it were measured, in whole seconds; 0 for a text without bit rates. */
  readonly infosS: number;
};

type Cached = TextState & { readonly body: TextBody };
type Rendering = TextState & { readonly body: Promise<TextBody> };

/** The playlists and manifests of start-overs, cached: each is rendered once for everybody who requests it. */
export class StartOverTexts {
  readonly #cached = new LRUCache<string, Cached>({
    maxSize: CACHE_BYTES,
    // A quarter more for the gzipped text, which is made later.
    sizeCalculation: ({ body }) => Math.max(1, Math.ceil(body.plain.length * 1.25)),
  });
  readonly #rendering = new Map<string, Rendering>();

  /**
   * The cached text, if it was rendered from the same state; else it is rendered, once for all concurrent requests.
   *
   * @throws {StartOverError} `replay-busy` (503) when too many are being rendered; and what `render` throws
   */
  async get(key: string, state: TextState, render: () => Promise<TextBody>): Promise<TextBody> {
    const cached = this.#cached.get(key);
    if (cached !== undefined && isSame(cached, state)) return cached.body;
    const underWay = this.#rendering.get(key);
    if (underWay !== undefined && isSame(underWay, state)) return underWay.body;
    if (this.#rendering.size >= MAX_RENDERING) {
      throw new StartOverError(`${MAX_RENDERING} start-overs are being rendered already`, {
        ...{ code: 'replay-busy', status: 503 },
        retryAfterS: 2,
      });
    }
    const rendering = { ...state, body: render() };
    this.#rendering.set(key, rendering);
    try {
      const body = await rendering.body;
      this.#cached.set(key, { ...state, body });
      return body;
    } finally {
      if (this.#rendering.get(key) === rendering) this.#rendering.delete(key);
    }
  }
}

function isSame(known: TextState, { newest, infosS }: TextState): boolean {
  return known.newest === newest && known.infosS === infosS;
}
