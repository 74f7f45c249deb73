import { formatFeedName } from '../../shared/names.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TrackChunk } from '../tracks/track-writer.ts';
import { SOUND_TRACK } from '../tracks/track-names.ts';
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
/** How long pictures of the next segment wait at most for an origin to know that a track is away, milliseconds. */
const AWAY_KNOWN_MS = 400;

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
  /** By origin, where tracks end that it does not know to be away yet; media time in milliseconds. */
  readonly #unknownEnds = new Map<string, Set<{ readonly atMs: number }>>();
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

  /**
   * Ends one track of pictures, after everything that was pushed. The feed goes on; a later chunk of the track opens it again.
   *
   * An origin decides about a segment with the first picture of it. So the other tracks' pictures behind the end wait until it has
   * answered, 400 ms at most: it would otherwise wait for a track that does not come, and leave a gap. Sound does not wait.
   */
  endTrack(trackId: string): void {
    const track = this.#tracks.get(trackId);
    if (track === undefined || this.#isOver) return;
    this.#tracks.delete(trackId);
    const finishing = new Set(track.connections.values());
    this.#finishing.set(trackId, finishing);
    for (const [origin, connection] of track.connections) {
      const known = this.#holdBehind(origin, track.ring.endMs);
      void connection.finish('away').then(() => {
        finishing.delete(connection);
        known();
      });
    }
  }

  /** @returns a function that lets an origin's pictures go on; called again, it does nothing */
  #holdBehind(origin: string, atMs: number): () => void {
    const ends = this.#unknownEnds.get(origin) ?? new Set();
    this.#unknownEnds.set(origin, ends);
    const end = { atMs };
    ends.add(end);
    const known = (): void => {
      clearTimeout(limit);
      if (!ends.delete(end)) return;
      for (const { connections } of this.#tracks.values()) connections.get(origin)?.wake();
      for (const connection of [...this.#finishing.values()].flatMap((set) => [...set])) connection.wake();
    };
    const limit = setTimeout(known, AWAY_KNOWN_MS);
    return known;
  }

  #mustWait(origin: string, trackId: string, { startMs, durationMs }: TrackChunk): boolean {
    const ends = this.#unknownEnds.get(origin);
    if (ends === undefined || ends.size === 0 || trackId === SOUND_TRACK) return false;
    // The middle of the chunk: times have fractions.
    return [...ends].some(({ atMs }) => startMs + durationMs / 2 >= atMs);
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
          mustWait: (chunk) => this.#mustWait(origin, trackId, chunk),
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
