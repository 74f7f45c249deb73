import { formatFeedName } from '../../shared/names.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TrackChunk } from '../tracks/track-writer.ts';
import { ChunkRing, type RingLimits } from './chunk-ring.ts';
import { type BroadcastEnding, OriginConnection, type UplinkTiming } from './origin-connection.ts';

/** What the uplink of a broadcast needs. */
export type UplinkOptions = {
  /** Base URLs without a slash at their end. */
  readonly origins: readonly string[];
  readonly channel: string;
  readonly broadcast: string;
  /** '' for the only transcoder of a broadcast. */
  readonly twin: string;
  /** Ids of all tracks that are going to be sent: an origin puts the feed on air when it has them all. */
  readonly tracks: readonly string[];
  /** A fresh token of role `encoder` for this channel. */
  token(): Promise<string>;
  readonly logger: Logger;
  onBytes(origin: string, count: number): void;
  onReconnect(origin: string): void;
  readonly random?: () => number;
  readonly limits?: RingLimits;
  readonly timing?: Partial<UplinkTiming>;
};

/** 30 s, which at 8 Mbit/s are 30 MB. */
const LIMITS: RingLimits = { keepMs: 30_000, maxBytes: 48 << 20 };

type Track = { readonly ring: ChunkRing; readonly connections: ReadonlyMap<string, OriginConnection> };

/**
 * Sends the tracks of one broadcast to every origin: one connection an origin and track, none of which waits for another.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #feed: string;
  readonly #tracks = new Map<string, Track>();
  #isOver = false;

  /** @throws {NameError} `bad-feed-name` */
  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#feed = formatFeedName('live', options.broadcast, options.twin);
  }

  /** Keeps and sends a chunk. A track's connections are made at its first chunk. Dropped after the end. */
  push(trackId: string, chunk: TrackChunk): void {
    if (this.#isOver) return;
    let track = this.#tracks.get(trackId);
    if (track === undefined) {
      track = this.#open(trackId);
      this.#tracks.set(trackId, track);
    }
    track.ring.push(chunk);
    for (const connection of track.connections.values()) connection.wake();
  }

  /** The most that an origin lacks of any track, milliseconds of media. */
  lagMs(origin: string): number {
    let lagMs = 0;
    for (const { connections } of this.#tracks.values()) {
      lagMs = Math.max(lagMs, connections.get(origin)?.lagMs() ?? 0);
    }
    return lagMs;
  }

  /**
   * Ends all bodies.
   *
   * @param ending what is left is sent, each body ended, and the origins are told how the broadcast ended; null: each
   *   connection is broken, the feed may come back
   */
  async close(ending: BroadcastEnding | null): Promise<void> {
    this.#isOver = true;
    const connections = [...this.#tracks.values()].flatMap((track) => [...track.connections.values()]);
    if (ending === null) for (const connection of connections) connection.abandon();
    else await Promise.all(connections.map((connection) => connection.finish(ending)));
  }

  /** Once one track reaches an origin, none of the others waits out what it had resolved to wait. */
  #hurry(origin: string): void {
    for (const { connections } of this.#tracks.values()) connections.get(origin)?.hurry();
  }

  #open(trackId: string): Track {
    const { origins, channel, limits, logger, random, timing, tracks } = this.#options;
    const ring = new ChunkRing(limits ?? LIMITS);
    const connections = new Map(
      origins.map((origin) => [
        origin,
        new OriginConnection({
          url: `${origin}/ingest/${channel}/${this.#feed}/${trackId}`,
          ring,
          tracks,
          logger,
          token: () => this.#options.token(),
          random: random ?? Math.random,
          onBytes: (count) => this.#options.onBytes(origin, count),
          onReconnect: () => this.#options.onReconnect(origin),
          onConnected: () => this.#hurry(origin),
          ...(timing === undefined ? {} : { timing }),
        }),
      ]),
    );
    return { ring, connections };
  }
}
