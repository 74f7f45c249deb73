import { addressGroup } from '../../../shared/client-address.ts';
import { AppError } from '../../../shared/errors.ts';

/** How many downloads run at once. */
export type DownloadLimits = {
  /** Of this origin. */
  readonly most: number;
  /** Of one address. */
  readonly mostPerAddress: number;
};

/** A download as its place sees it. */
export type RunningDownload = {
  /** Bytes that its client has taken so far. */
  takenBytes(): number;
  /** Ends it: its client may resume it later. */
  end(): void;
};

type Place = {
  /** Of its address; null where that is not known. */
  readonly group: string | null;
  readonly download: RunningDownload;
  /** When the rate was last looked at, and how much was taken by then. */
  atMs: number;
  atBytes: number;
  /** Bytes a second; null before it has been looked at. */
  rate: number | null;
};

/** Taking less than this, a download gives its place to one that waits. A bad line alone ends nothing. Bytes a second. */
const LEAST_RATE = 16_000;
/** Over which time that is measured, milliseconds. */
const WINDOW_MS = 15_000;
const RETRY_S = 30;

/**
 * Who may download at the same time: so many, and of one address some of them. When there is no place, the slowest of those that
 * hardly take anything goes.
 */
export class DownloadPlaces {
  readonly #limits: DownloadLimits;
  readonly #places = new Set<Place>();

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  /** Downloads that run. */
  get count(): number {
    return this.#places.size;
  }

  /**
   * Gives a download its place.
   *
   * @param address of the client; null where it is not known: the limit of one address is not for it
   * @param steadyMs monotonic milliseconds
   * @returns gives it back
   * @throws {AppError} `too-many-downloads` (503)
   */
  take(address: string | null, download: RunningDownload, steadyMs: number): () => void {
    this.look(steadyMs);
    const group = address === null ? null : addressGroup(address);
    const { most, mostPerAddress } = this.#limits;
    const own = [...this.#places].filter((place) => place.group === group);
    if (group !== null && own.length >= mostPerAddress && !this.#makeRoom(own)) {
      throw tooMany(`${mostPerAddress} downloads from this address are running already`);
    }
    if (this.#places.size >= most && !this.#makeRoom([...this.#places])) {
      throw tooMany(`${most} downloads are running already`);
    }
    const place: Place = { group, download, atMs: steadyMs, atBytes: download.takenBytes(), rate: null };
    this.#places.add(place);
    return () => void this.#places.delete(place);
  }

  /** Measures how fast each is. To be called every few seconds. */
  look(steadyMs: number): void {
    for (const place of this.#places) {
      const elapsedMs = steadyMs - place.atMs;
      if (elapsedMs < WINDOW_MS) continue;
      const takenBytes = place.download.takenBytes();
      place.rate = ((takenBytes - place.atBytes) * 1000) / elapsedMs;
      place.atMs = steadyMs;
      place.atBytes = takenBytes;
    }
  }

  #makeRoom(places: readonly Place[]): boolean {
    const [slowest] = places
      .filter(({ rate }) => rate !== null && rate < LEAST_RATE)
      .toSorted((a, b) => (a.rate ?? 0) - (b.rate ?? 0));
    if (slowest === undefined) return false;
    this.#places.delete(slowest);
    slowest.download.end();
    return true;
  }
}

function tooMany(message: string): AppError {
  return new AppError(message, { code: 'too-many-downloads', status: 503, retryAfterS: RETRY_S });
}
