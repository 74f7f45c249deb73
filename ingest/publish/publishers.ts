import type { LecternConfig } from '../../config/schema.ts';
import { SparingLogs } from '../../shared/sparing-logs.ts';
import { countRefusal } from '../ingest-metrics.ts';
import type { PublishRequest } from '../rtmp/rtmp-commands.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RefusalReason, RtmpPeer, RtmpSession, SessionEvents } from '../rtmp/rtmp-session.ts';
import type { PublisherDeps } from './accepted-publisher.ts';
import { ChannelPublisher } from './channel-publisher.ts';
import { KeyGuesses } from './key-guesses.ts';
import type { Publication } from './publication.ts';
import { keyMatches, parsePublishName } from './publish-key.ts';

/** What {@link Publishers} works with. */
export type PublishersDeps = PublisherDeps & { readonly config: LecternConfig };

/** A publisher on a channel, for the API. */
export type OnAir = { readonly remote: string; readonly publication: Publication };

/** Why and when a publisher of a channel was closed; `atMs` in UTC milliseconds. */
export type PublisherRefusal = { readonly reason: RefusalReason; readonly atMs: number };

/** Never repeats the stream name: a typing error such as `hall-7&key=…` puts the key into it. */
const UNKNOWN_CHANNEL = 'no such channel: want the channel, a question mark and its key';
/** Refusals of one reason are logged this often at most; the metric counts them all. */
const STRANGERS_LOG_MS = 1000;

/** The publishers of all channels: checks keys, and finds the channel of each session. */
export class Publishers implements SessionEvents {
  readonly #deps: PublishersDeps;
  readonly #channels = new Map<
    string,
    { readonly publishKey: string; readonly publisher: ChannelPublisher }
  >();
  /** The channel of every session whose key was right, by session id. */
  readonly #authorized = new Map<string, ChannelPublisher>();
  /** The last refusal of each channel. */
  readonly #refused = new Map<string, PublisherRefusal>();
  readonly #guesses = new KeyGuesses();
  /** For peers that have shown no key: anybody can be refused as often as she likes. By the reason. */
  readonly #strangersLogs: SparingLogs;

  constructor(deps: PublishersDeps) {
    this.#deps = deps;
    this.#strangersLogs = new SparingLogs(deps.logger, STRANGERS_LOG_MS, () => deps.clock.nowMs());
    for (const { id, publishKey } of deps.config.channels)
      this.#channels.set(id, { publishKey, publisher: new ChannelPublisher(id, deps) });
  }

  /** The publisher of a channel; null when there is none, undefined when the channel is unknown. */
  onAir(channel: string): OnAir | null | undefined {
    return this.#channels.get(channel)?.publisher.onAir;
  }

  /** The last publisher of a channel that the server closed or that had a wrong key; null where there was none. */
  lastRefusal(channel: string): PublisherRefusal | null {
    return this.#refused.get(channel) ?? null;
  }

  /** All publications, by channel. */
  *publications(): Generator<readonly [channel: string, publication: Publication]> {
    for (const [id, { publisher }] of this.#channels) {
      if (publisher.onAir !== null) yield [id, publisher.onAir.publication];
    }
  }

  /** The channels on which an encoder is connected and has sent nothing that could go on air. */
  *waiting(): Generator<string> {
    for (const [channel, { source }] of this.publications()) if (source === null) yield channel;
  }

  /** Handles a `publish` command. The key is checked before anything of the session is stored. */
  publish(session: RtmpSession, request: PublishRequest): void {
    const waitMs = this.#guesses.lookAfterMs(session.address, this.#deps.clock.nowMs());
    if (waitMs === 0) this.#look(session, request);
    else session.after(waitMs, () => this.#look(session, request));
  }

  #look(session: RtmpSession, request: PublishRequest): void {
    const { app, channels, keys } = parsePublishName(request);
    if (app !== 'live') {
      session.refuse('unknown-app', 'publish to rtmp://…/live');
      return;
    }
    const found = channels.flatMap((id) => this.#channels.get(id) ?? []);
    // Keys are compared for unknown channels too: otherwise the response time would tell which channels exist.
    const wanted = found.length > 0 ? found : [null];
    const [right] = wanted.filter(
      (channel) => keyMatches(keys, channel?.publishKey ?? '') && channel !== null,
    );
    if (right !== undefined && right !== null) {
      this.#authorized.set(session.id, right.publisher);
      right.publisher.arrive(session);
      return;
    }
    const channel = found[0]?.publisher.channel ?? null;
    const delayMs = this.#guesses.wrong(session.address, channel, this.#deps.clock.nowMs());
    if (channel === null) {
      session.refuse('unknown-channel', UNKNOWN_CHANNEL, undefined, delayMs);
      return;
    }
    // The teacher may have mistyped it: her page says so.
    this.#refused.set(channel, { reason: 'wrong-key', atMs: this.#deps.clock.nowMs() });
    session.refuse('wrong-key', wrongKey(channel, keys.length > 0), undefined, delayMs);
  }

  /** Handles a media or data message. Messages of sessions that are not on air are ignored. */
  message(session: RtmpSession, message: RtmpMessage): void {
    this.#authorized.get(session.id)?.message(session, message);
  }

  /** Handles the answer to a ping. */
  answered(session: RtmpSession): void {
    this.#authorized.get(session.id)?.answered(session);
  }

  /** Handles the end of a session. If it was on air, its publication ends. */
  gone(session: RtmpSession, clean: boolean): void {
    const publisher = this.#authorized.get(session.id);
    this.#authorized.delete(session.id);
    publisher?.leave(session, clean);
  }

  /** Counts and logs a refusal. `detail` never contains a key. */
  refused(peer: RtmpPeer, reason: RefusalReason, detail: string): void {
    countRefusal(this.#deps.metrics, reason);
    const channel = this.#authorized.get(peer.id)?.channel;
    if (channel !== undefined) this.#refused.set(channel, { reason, atMs: this.#deps.clock.nowMs() });
    const fields = { remote: peer.remote, reason, ...(channel === undefined ? {} : { channel }) };
    const logger = channel === undefined ? this.#strangersLogs.of(reason) : this.#deps.logger;
    logger.warn(fields, `connection closed: ${detail}`);
  }

  /** Logs a fault of this server with its stack; {@link refused} counts it. */
  failed(peer: RtmpPeer, error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#deps.logger.error({ remote: peer.remote, stack }, 'ingest failed: one connection is closed');
  }
}

function wrongKey(channel: string, hasKey: boolean): string {
  if (hasKey) return `wrong key for channel ${channel}`;
  return `wrong key for channel ${channel}: none was sent. Put it into the stream key; user name and password do not count`;
}
