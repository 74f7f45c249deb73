import type { LecternConfig } from '../../config/schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { describeError } from '../../shared/errors.ts';
import type { JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import { sourceProof } from '../../shared/source-proof.ts';
import type { TranscodeJob } from '../../transcode/job.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { RtmpSession } from '../rtmp/rtmp-session.ts';
import type { SourceEnding } from '../source/source-stream.ts';
import type { SourceStreams } from '../source/source-streams.ts';
import { newBroadcastId } from './broadcast-id.ts';
import { Publication, type PublicationStep, type Started } from './publication.ts';
import type { MediaKind } from './publisher-clock.ts';
import { ReaderWatch } from './reader-watch.ts';

/** What the publishers of a channel work with. */
export type PublisherDeps = {
  readonly config: Pick<LecternConfig, 'rtmp' | 'secret'>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly queue: Pick<JobQueue<TranscodeJob>, 'add'>;
  readonly sources: SourceStreams;
  /** Codecs that the workers' ffmpeg cannot decode. */
  readonly undecodable: ReadonlySet<string>;
  /** Where transcode workers reach this ingest, without a slash at its end. */
  publicUrl(): string;
};

/** What a publisher needs of its RTMP session. */
export type PublisherSession = Pick<
  RtmpSession,
  'id' | 'remote' | 'accept' | 'hold' | 'pause' | 'refuse' | 'guard'
>;

/**
 * A publisher may be this far ahead of real time before its socket is paused (TCP then slows it down). Origins reject media
 * that is 10 s ahead; the difference leaves room for what was read before the pause.
 */
const MAX_AHEAD_MS = 8000;
/** Longest single pause; shorter than any `rtmp.takeoverMs`. */
const MAX_PAUSE_MS = 100;

/** Which channel an accepted publisher publishes on, and under which conditions. */
export type AcceptedPublisherOptions = {
  readonly channel: string;
  /** End of the channel's previous broadcast in media time, UTC milliseconds. */
  readonly notBeforeMs: number;
  /** A pause of the socket has ended, at so many UTC milliseconds: a publisher cannot prove during it that it is alive. */
  onPaused(nowMs: number): void;
};

/**
 * The session that holds a channel's seat, with its publication: turns what it sends into a source stream and a transcode job,
 * slows it down, and refuses it when its media is unsupported or no worker reads it.
 */
export class AcceptedPublisher {
  readonly session: PublisherSession;
  readonly publication: Publication;
  readonly #options: AcceptedPublisherOptions;
  readonly #deps: PublisherDeps;
  #probeTimer: NodeJS.Timeout | null = null;
  #readerWatch: ReaderWatch | null = null;
  #asideLogged = 0;
  #hasJumped = false;

  constructor(session: PublisherSession, options: AcceptedPublisherOptions, deps: PublisherDeps) {
    this.session = session;
    this.#options = options;
    this.#deps = deps;
    const nowMs = deps.clock.nowMs();
    const { notBeforeMs } = options;
    const { undecodable } = deps;
    const onJump = (kind: MediaKind, jumpedMs: number) => this.#jumped(kind, jumpedMs);
    this.publication = new Publication(newBroadcastId(nowMs), nowMs, { notBeforeMs, undecodable, onJump });
  }

  /** address:port, for the log. */
  get remote(): string {
    return this.session.remote;
  }

  /** Puts the session on air. Its messages may arrive before this returns. */
  accept(): void {
    this.#deps.metrics.publishers.inc();
    this.#deps.logger.info({ ...this.#logFields, remote: this.remote }, 'publisher accepted');
    this.session.accept();
  }

  /** Takes one message of the session, at `nowMs` (UTC milliseconds). */
  take(message: RtmpMessage, nowMs: number): void {
    this.#follow(this.publication.take(message, nowMs, performance.now()));
    this.#logAside();
    this.#pace(nowMs);
  }

  /** Ends the publication, its timers and its source. */
  end(how: SourceEnding): void {
    if (this.#probeTimer !== null) clearTimeout(this.#probeTimer);
    this.#readerWatch?.stop();
    this.publication.end(how);
    this.#deps.sources.remove(this.#options.channel, this.publication.id);
    this.#deps.metrics.publishers.dec();
    this.#deps.logger.info(this.#logFields, `the publisher left: broadcast ${how}`);
  }

  /** Counts a jump of the publisher's clock; the log has the first one alone. */
  #jumped(kind: MediaKind, jumpedMs: number): void {
    this.#deps.metrics.clockJumps.inc();
    if (this.#hasJumped) return;
    this.#hasJumped = true;
    const fields = { ...this.#logFields, kind, jumpedMs };
    this.#deps.logger.warn(fields, "the publisher's clock jumped: taken out, as will be further jumps");
  }

  #follow(step: PublicationStep): void {
    if (step.kind === 'refuse') {
      this.session.refuse(step.code, step.reason, 'NetStream.Publish.Rejected');
    } else if (step.kind === 'start') {
      this.#start(step.started);
    } else if (step.untilMs !== null) {
      // What came may be waited for less long than what was missing.
      if (this.#probeTimer !== null) clearTimeout(this.#probeTimer);
      const waitMs = Math.max(1, step.untilMs - this.#deps.clock.nowMs());
      const check = () => {
        this.#probeTimer = null;
        this.#follow(this.publication.checkTime(this.#deps.clock.nowMs()));
      };
      this.#probeTimer = setTimeout(() => this.session.guard(check), waitMs);
    }
  }

  /** Says once which of her tracks are not on air. */
  #logAside(): void {
    const { aside } = this.publication;
    if (aside.length <= this.#asideLogged) return;
    this.#asideLogged = aside.length;
    this.#deps.logger.warn({ ...this.#logFields, aside }, 'tracks of the publisher that are not on air');
  }

  /** Pauses a publisher that is too far ahead of real time until it is not. */
  #pace(nowMs: number): void {
    const tooFarMs = this.publication.aheadMs(nowMs) - MAX_AHEAD_MS;
    if (tooFarMs <= 0) return;
    this.session.pause(Math.min(tooFarMs, MAX_PAUSE_MS), () => {
      const thenMs = this.#deps.clock.nowMs();
      this.#options.onPaused(thenMs);
      this.#pace(thenMs);
    });
  }

  #start(started: Started): void {
    const { queue, sources, logger } = this.#deps;
    const { id, source } = this.publication;
    const { channel } = this.#options;
    const sourceUrl = `${this.#deps.publicUrl()}/feeds/${channel}/${id}.flv`;
    logger.info({ ...this.#logFields, ...started }, 'broadcast on air');
    if (source !== null) {
      sources.add(channel, id, source);
      const { transcoderWaitMs } = this.#deps.config.rtmp;
      this.#readerWatch = new ReaderWatch(source, transcoderWaitMs, () => this.#refuseUnread());
    }
    const proof = sourceProof(this.#deps.config.secret, { channel, broadcast: id, sourceUrl });
    queue
      .add(id, { ...this.#logFields, sourceUrl, sourceProof: proof, ...started })
      .catch((error: unknown) => {
        logger.error(
          { ...this.#logFields, error: describeError(error) },
          'the transcode job could not be queued',
        );
        this.session.refuse('no-transcoder', 'the server cannot transcode now', 'NetStream.Publish.Rejected');
      });
  }

  /** Refuses a publisher whose source no worker reads: the encoder reconnects, which queues a new job. */
  #refuseUnread(): void {
    const { channel } = this.#options;
    const waitedMs = this.#deps.config.rtmp.transcoderWaitMs;
    const detail = `no transcode worker read this broadcast for ${waitedMs} ms: the fault is the server's, not the line's`;
    this.#deps.logger.error({ channel }, `publisher refused: ${detail}`);
    this.session.refuse('no-transcoder', detail, 'NetStream.Publish.Rejected');
  }

  get #logFields(): { readonly channel: string; readonly broadcast: string } {
    return { channel: this.#options.channel, broadcast: this.publication.id };
  }
}
