import { type LatencyTuning, tuningFor, tuningForSegments } from '../latency/tuning.ts';

/** Requests at once to one server over HTTP/1.1, in all tabs of a browser together. */
const CONNECTIONS = 6;
/** One of them stays for everything that is no media. */
const MOST_IN_USE = CONNECTIONS - 1;
/** Below this need parts are loaded again: a line at the limit must not change to and fro. */
const LITTLE_IN_USE = CONNECTIONS - 2;
/** Playlists of picture and sound, whose requests wait at the server for the next part. */
const PLAYLISTS = 2;
const TRACKS = 2;
/** The last so many requests tell whether they had to wait for a connection: some eight seconds of parts. */
const RECENT = 80;
/** A page that asks later than this after the last time is busy itself, milliseconds. */
const BUSY_PAGE_MS = 600;
/** How long crowded connections count, in milliseconds: other tabs play on. */
const CROWDED_MS = 120_000;

/**
 * How media is loaded: part by part; as whole segments, each of which the playlist waits for at the server; or as whole segments
 * that the playlist is asked for now and then, which leaves connections to other tabs.
 */
export type Loading = {
  readonly way: 'parts' | 'segments' | 'polled';
  /** The round trip that decided it, in milliseconds; 0 where none is known. */
  readonly roundTripMs: number;
};

/**
 * How what is loaded is played.
 *
 * @param partTargetMs of the playlist, in milliseconds
 */
export function tuningOf({ way, roundTripMs }: Loading, partTargetMs: number): LatencyTuning {
  return way === 'parts' ? tuningFor(partTargetMs) : tuningForSegments(way === 'polled' ? null : roundTripMs);
}

/**
 * How many requests are under way at a time when parts are loaded one by one: each takes a round trip and, since it is asked for
 * before it exists, half a part on average.
 */
export function requestsAtOnce(roundTripMs: number, partTargetMs: number): number {
  return PLAYLISTS + (TRACKS * (roundTripMs + partTargetMs / 2)) / partTargetMs;
}

/**
 * Decides whether a line carries parts, or whole segments alone: a long way to the server, or other tabs, use up the few connections
 * that HTTP/1.1 has, and parts that wait for one come too late. Whole segments are an eighth of the requests, and some two seconds
 * later. On a long way their playlists wait at the server; with other tabs they must not, since each holds a connection meanwhile.
 */
export class LineShape {
  readonly #hasManyConnections: boolean;
  #roundTripMs: number | null = null;
  #queuedMs: number[] = [];
  #crowdedAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NaN;
  #loading: Loading = { way: 'parts', roundTripMs: 0 };

  /** @param protocol as PerformanceResourceTiming.nextHopProtocol has it; '' where it is not known */
  constructor(protocol: string) {
    this.#hasManyConnections = /^h[23]/.test(protocol);
  }

  /** The shortest of a few round trips to the server, in milliseconds. */
  measured(roundTripMs: number): void {
    this.#roundTripMs = roundTripMs;
  }

  /** A request for media has waited so long for a connection, in milliseconds. */
  queued(milliseconds: number): void {
    this.#queuedMs = [...this.#queuedMs, milliseconds].slice(-RECENT);
  }

  /**
   * How media is to be loaded. To be called a few times a second.
   *
   * @param partTargetMs of the playlist, in milliseconds; 0 where it has no parts
   * @returns the same object as long as the way is the same
   */
  loading(partTargetMs: number, nowMs: number): Loading {
    if (this.#hasManyConnections || partTargetMs <= 0) return this.#take('parts');
    // On a page that is busy itself everything waits: that says nothing about connections.
    if (nowMs - this.#askedAtMs > BUSY_PAGE_MS) this.#queuedMs = [];
    this.#askedAtMs = nowMs;
    if (this.#isCrowded(partTargetMs)) {
      this.#crowdedAtMs = nowMs;
      // What waited before the change says nothing about what follows it.
      this.#queuedMs = [];
    }
    if (nowMs - this.#crowdedAtMs < CROWDED_MS) return this.#take('polled');
    const needed = this.#roundTripMs === null ? 0 : requestsAtOnce(this.#roundTripMs, partTargetMs);
    const isFar = needed > (this.#loading.way === 'parts' ? MOST_IN_USE : LITTLE_IN_USE);
    return this.#take(isFar ? 'segments' : 'parts');
  }

  #take(way: Loading['way']): Loading {
    if (way !== this.#loading.way) this.#loading = { way, roundTripMs: this.#roundTripMs ?? 0 };
    return this.#loading;
  }

  #isCrowded(partTargetMs: number): boolean {
    const waits = this.#queuedMs.filter((milliseconds) => milliseconds > partTargetMs).length;
    return this.#queuedMs.length === RECENT && waits > RECENT / 2;
  }
}
