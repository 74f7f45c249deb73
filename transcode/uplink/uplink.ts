import { formatFeedName } from '../../shared/names.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TrackChunk } from '../tracks/track-writer.ts';
import { ChunkRing, type RingLimits } from './chunk-ring.ts';
import { OriginConnection, type UplinkEnding, type UplinkTiming } from './origin-connection.ts';

/** What an uplink needs. */
export type UplinkOptions = {
  /** Base URLs without a slash at their end. */
  readonly origins: readonly string[];
  readonly channel: string;
  readonly broadcast: string;
  /** '' for the only transcoder of a broadcast. */
  readonly twin: string;
  /** Ids of all tracks of the feed at the moment, for each new connection: an origin puts the feed on air when it has all of them. */
  tracks(): readonly string[];
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
const LIMITS: RingLimits = { holdMs: 30_000, maxBytes: 48 << 20 };

type Track = { readonly ring: ChunkRing; readonly connections: ReadonlyMap<string, OriginConnection> };

/**
 * Sends the tracks of one broadcast to every origin: one connection per origin and track, independent of each other.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #feed: string;
  readonly #tracks = new Map<string, Track>();
  /** Connections of tracks that have ended, by track. */
  readonly #finishing = new Map<string, Set<OriginConnection>>();
  #isOver = false;

  /** @throws {NameError} `bad-feed-name` */
  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#feed = formatFeedName('live', options.broadcast, options.twin);
  }

  /** Holds and sends a chunk. The first chunk of a track opens its connections. Dropped after {@link close}. */
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

  /** Ends one track, after everything that was pushed. The feed goes on; a later chunk of the track opens it again. */
  endTrack(trackId: string): void {
    const track = this.#tracks.get(trackId);
    if (track === undefined || this.#isOver) return;
    this.#tracks.delete(trackId);
    const finishing = new Set(track.connections.values());
    this.#finishing.set(trackId, finishing);
    for (const connection of finishing)
      void connection.finish('away').then(() => finishing.delete(connection));
  }

  /** Name of the feed: `live.b1`. */
  get feed(): string {
    return this.#feed;
  }

  /** The media that an origin was not sent yet, milliseconds, by track. */
  unsentMs(origin: string): Map<string, number> {
    return new Map(
      [...this.#tracks].map(([track, { connections }]) => [track, connections.get(origin)?.unsentMs() ?? 0]),
    );
  }

  /**
   * Ends all connections.
   *
   * @param ending how the broadcast ended: the rest is sent, and each body ends with this trailer. Null: the connections are
   *   broken off, because another worker may continue the feed
   */
  async close(ending: UplinkEnding | null): Promise<void> {
    this.#isOver = true;
    for (const trackId of this.#finishing.keys()) this.#abandonOld(trackId);
    const connections = [...this.#tracks.values()].flatMap((track) => [...track.connections.values()]);
    if (ending === null) for (const connection of connections) connection.abandon();
    else await Promise.all(connections.map((connection) => connection.finish(ending)));
  }

  /** When one track reaches an origin again, the others retry at once. */
  #hurry(origin: string): void {
    for (const { connections } of this.#tracks.values()) connections.get(origin)?.hurry();
  }

  /** The track is opened again, or everything ends: an origin that has not read its end by now does not need to. */
  #abandonOld(trackId: string): void {
    for (const connection of this.#finishing.get(trackId) ?? []) connection.abandon();
    this.#finishing.delete(trackId);
  }

  #open(trackId: string): Track {
    this.#abandonOld(trackId);
    const { origins, channel, limits, logger, random, timing } = this.#options;
    const ring = new ChunkRing(limits ?? LIMITS);
    const connections = new Map(
      origins.map((origin) => [
        origin,
        new OriginConnection({
          url: `${origin}/ingest/${channel}/${this.#feed}/${trackId}`,
          ring,
          tracks: () => this.#options.tracks(),
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
