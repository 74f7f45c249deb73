import type { LecternConfig } from '../../config/schema.ts';
import { countRefusal } from '../ingest-metrics.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RefusalReason, RtmpSession, SessionEvents } from '../rtmp/rtmp-session.ts';
import type { PublisherDeps } from './accepted-publisher.ts';
import { ChannelPublisher } from './channel-publisher.ts';
import type { Publication } from './publication.ts';
import { keyMatches, parsePublishName } from './publish-key.ts';

/** What {@link Publishers} works with. */
export type PublishersDeps = PublisherDeps & { readonly config: LecternConfig };

/** A publisher on a channel, for the API. */
export type OnAir = { readonly remote: string; readonly publication: Publication };

/** Why and when a publisher with the right key was closed; `atMs` in UTC milliseconds. */
export type PublisherRefusal = { readonly reason: RefusalReason; readonly atMs: number };

/** Never repeats the stream name: a typing error such as `hall-7&key=…` puts the key into it. */
const UNKNOWN_CHANNEL = 'no such channel: want the channel, a question mark and its key';

/** The publishers of all channels: checks keys, and finds the channel of each session. */
export class Publishers implements SessionEvents {
  readonly #deps: PublishersDeps;
  readonly #channels = new Map<
    string,
    { readonly publishKey: string; readonly publisher: ChannelPublisher }
  >();
  /** The channel of every session whose key was right, by session id. */
  readonly #authorized = new Map<string, ChannelPublisher>();
  /** The last refusal of each channel whose publisher had the right key. */
  readonly #refused = new Map<string, PublisherRefusal>();

  constructor(deps: PublishersDeps) {
    this.#deps = deps;
    for (const { id, publishKey } of deps.config.channels)
      this.#channels.set(id, { publishKey, publisher: new ChannelPublisher(id, deps) });
  }

  /** The publisher of a channel; null when there is none, undefined when the channel is unknown. */
  onAir(channel: string): OnAir | null | undefined {
    return this.#channels.get(channel)?.publisher.onAir;
  }

  /** The last publisher of a channel that was closed by the server, with the right key; null where there was none. */
  lastRefusal(channel: string): PublisherRefusal | null {
    return this.#refused.get(channel) ?? null;
  }

  /** All publications, by channel. */
  *publications(): Generator<readonly [channel: string, publication: Publication]> {
    for (const [id, { publisher }] of this.#channels) {
      if (publisher.onAir !== null) yield [id, publisher.onAir.publication];
    }
  }

  /** Handles a `publish` command. The key is checked before anything of the session is stored. */
  publish(session: RtmpSession, app: string, streamName: string): void {
    if (app.replace(/\/+$/, '') !== 'live') {
      session.refuse('unknown-app', 'publish to rtmp://…/live');
      return;
    }
    const { channel, keys } = parsePublishName(streamName);
    const found = this.#channels.get(channel);
    // Keys are compared for unknown channels too: otherwise the response time would tell which channels exist.
    const matches = keyMatches(keys, found?.publishKey ?? '');
    if (found === undefined) session.refuse('unknown-channel', UNKNOWN_CHANNEL);
    else if (!matches) session.refuse('wrong-key', `wrong key for channel ${channel}`);
    else {
      this.#authorized.set(session.id, found.publisher);
      found.publisher.arrive(session);
    }
  }

  /** Handles a media or data message. Messages of sessions that are not on air are ignored. */
  message(session: RtmpSession, message: RtmpMessage): void {
    this.#authorized.get(session.id)?.message(session, message);
  }

  /** Handles the end of a session. If it was on air, its publication ends. */
  gone(session: RtmpSession, clean: boolean): void {
    const publisher = this.#authorized.get(session.id);
    this.#authorized.delete(session.id);
    publisher?.leave(session, clean);
  }

  /** Counts and logs a refusal. `detail` never contains a key. */
  refused(session: RtmpSession, reason: RefusalReason, detail: string): void {
    countRefusal(this.#deps.metrics, reason);
    const channel = this.#authorized.get(session.id)?.channel;
    if (channel !== undefined) this.#refused.set(channel, { reason, atMs: this.#deps.clock.nowMs() });
    const fields = { remote: session.remote, reason, ...(channel === undefined ? {} : { channel }) };
    this.#deps.logger.warn(fields, `connection closed: ${detail}`);
  }
}
