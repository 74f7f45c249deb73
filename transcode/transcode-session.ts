import type { Ladder } from '../config/schema.ts';
import { readAudioPacket } from '../media/flv/audio-packet.ts';
import type { FlvTag } from '../media/flv/flv-tag.ts';
import { readLineTag } from '../media/flv/line-tag.ts';
import { readPictureTag } from '../media/flv/picture-tag.ts';
import { isCodedVideo, readVideoPacket } from '../media/flv/video-packet.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import type { CapacityGrant } from './capacity/capacity-grant.ts';
import type { TranscodeJob } from './job.ts';
import { planPicture, type PicturePlan } from './ladder-plan.ts';
import type { PlanLevel } from './plan/plan-level.ts';
import { Stillness } from './plan/stillness.ts';
import type { PlanChange } from './plan/step-controller.ts';
import type { SessionStatus } from './session-status.ts';
import { type SourceKind, SourceTimeline } from './timeline/source-timeline.ts';
import { frameTicks, offsetTicks } from './timeline/media-clock.ts';
import { BroadcastPictures } from './tracks/broadcast-pictures.ts';
import { BroadcastSound } from './tracks/broadcast-sound.ts';
import type { PlaceholderSegment } from './tracks/placeholder-picture.ts';
import { SOUND_TRACK } from './tracks/track-names.ts';
import { TrackWriter, type TrackChunk } from './tracks/track-writer.ts';
import type { TranscodeError } from './transcode-error.ts';

/** What a session needs. */
export type TranscodeSessionOptions = {
  readonly job: TranscodeJob;
  readonly ladder: Ladder;
  /** ffmpeg's path or name. */
  readonly program: string;
  /** What it may use of its worker; as much as it needs when left out. */
  readonly grant?: CapacityGrant;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Receives every chunk of every track. */
  push(trackId: string, chunk: TrackChunk): void;
  /** Gives the placeholder picture, encoded for the rungs of the plan. */
  placeholder(plan: Extract<PicturePlan, { kind: 'placeholder' }>): Promise<readonly PlaceholderSegment[]>;
  /** Nothing more comes on a track until it is written to again. */
  onTrackAway(trackId: string): void;
  /** Its pictures are made in another way from now on. */
  onPlan(plan: PlanLevel, reason: PlanChange['reason']): void;
  onRestart(kind: 'picture' | 'sound'): void;
  onJump(): void;
  /** ffmpeg failed too often: the session cannot go on. */
  onGaveUp(error: TranscodeError): void;
};

/** How often encoders are looked after, milliseconds. */
const TICK_MS = 100;
/** A picture that does not come is repeated, and sound replaced by silence, up to so long before what else there is, milliseconds. */
const PICTURE_BEHIND_MS = 500;
const SOUND_BEHIND_MS = 300;

/**
 * The transcoding of one job: tags of the source in, chunks of all tracks out.
 *
 * AAC-LC sound at 48 kHz and passthrough pictures are only repackaged; ffmpeg gets what must be encoded. A kind of media that the
 * publisher does not send, at first or for a while, is generated, paced by the kind that she sends, or by her connection.
 */
export class TranscodeSession {
  readonly #options: TranscodeSessionOptions;
  readonly #timeline: SourceTimeline;
  readonly #writers = new Map<string, TrackWriter>();
  readonly #pictures: BroadcastPictures;
  readonly #sound: BroadcastSound;
  readonly #stillness = { picture: new Stillness(PICTURE_BEHIND_MS), sound: new Stillness(SOUND_BEHIND_MS) };
  #ticker: NodeJS.Timeout | null = null;

  private constructor(options: TranscodeSessionOptions) {
    const { job, ladder, program, grant, clock, logger } = options;
    this.#options = options;
    const plan = planPicture(job.video, ladder);
    const offset = offsetTicks(job.epochOffsetMs, plan.kind === 'copy' ? 1 : frameTicks(plan.frameRate));
    this.#timeline = new SourceTimeline(job.epochOffsetMs);
    this.#pictures = new BroadcastPictures({
      ...{ job, ladder, program, clock, logger, offsetTicks: offset },
      // What it may use was asked for with the job: pictures that begin later are not part of that.
      ...(grant === undefined || job.video === null ? {} : { grant }),
      writerOf: (id) => this.#writerOf(id),
      onTrackAway: (id) => {
        // When the track is back its lag counts from then on.
        this.#writers.delete(id);
        options.onTrackAway(id);
      },
      placeholder: (wanted) => options.placeholder(wanted),
      onPlan: (level, reason) => options.onPlan(level, reason),
      onRestart: () => options.onRestart('picture'),
      onGaveUp: (error) => options.onGaveUp(error),
    });
    this.#sound = new BroadcastSound({
      ...{ audio: job.audio, program, kbps: ladder.audioKbps, logger, offsetTicks: offset },
      writer: this.#writerOf(SOUND_TRACK),
      beginsAtOnce: plan.kind === 'copy',
      onWritten: () => {
        const { span } = this.#sound;
        if (span !== null) this.#pictures.soundReaches(span.endTicks, span.startTicks);
      },
      onRestart: () => options.onRestart('sound'),
      onGaveUp: (error) => options.onGaveUp(error),
    });
  }

  /** Prepares encoders and placeholder before the first tag. @throws {TranscodeError} `ffmpeg-gave-up` */
  static async open(options: TranscodeSessionOptions): Promise<TranscodeSession> {
    const session = new TranscodeSession(options);
    await session.#pictures.prepare();
    session.#ticker = setInterval(() => session.#tick(), TICK_MS).unref();
    return session;
  }

  /** Process ids of its ffmpeg processes, for the log and for tests. */
  get pids(): readonly number[] {
    const { pid } = this.#sound;
    return [...this.#pictures.pids, ...(pid === null ? [] : [pid])];
  }

  /** Ids of the tracks that it produces now: the picture's, best first, then `audio`; generated ones too. */
  get tracks(): readonly string[] {
    return [...this.#pictures.tracks, SOUND_TRACK];
  }

  /** Its encoding plan, and the age of the newest frame at each of its stages, at `nowMs` (UTC milliseconds). */
  status(nowMs: number): SessionStatus {
    const ageOf = (ms: number | null | undefined): number | null =>
      typeof ms === 'number' ? nowMs - ms : null;
    const plan = this.#pictures.status;
    return {
      plan,
      owedMs: Math.round(this.#pictures.owedMs),
      lagMs: {
        source: {
          picture: ageOf(this.#newestUtcMs('picture')),
          sound: ageOf(this.#newestUtcMs('sound')),
        },
        queue: this.#pictures.isEncoding ? ageOf(this.#newestUtcMs('picture')) : null,
        rungs: Object.fromEntries(plan.tracks.map((id) => [id, ageOf(this.#writers.get(id)?.headMs)])),
        sound: ageOf(this.#writers.get(SOUND_TRACK)?.headMs),
      },
    };
  }

  /** The source was reconnected: it begins with a keyframe that was already received. */
  reconnected(): void {
    this.#timeline.restart();
  }

  /**
   * Handles the source's next tag. Nothing waits for an encoder: what it owes is bounded by replacing it.
   */
  push(tag: FlvTag): void {
    if (tag.kind === 'video') this.#pushVideo(tag);
    else if (tag.kind === 'audio') this.#pushAudio(tag);
    else this.#pushScript(tag);
  }

  /** The source ended: encodes and sends everything that was read. */
  async end(): Promise<void> {
    this.#stopTicking();
    await Promise.all([this.#pictures.end(), this.#sound.end()]);
  }

  /** Ends at once; resolves when its ffmpeg processes have ended. */
  async stop(): Promise<void> {
    this.#stopTicking();
    await Promise.all([this.#pictures.stop(), this.#sound.stop()]);
  }

  #tick(): void {
    this.#makeUp();
    this.#pictures.tick();
  }

  #stopTicking(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  #pushVideo(tag: FlvTag): void {
    const packet = readVideoPacket(tag.data);
    if (!isCodedVideo(packet)) return;
    if (packet.kind === 'config') {
      // It has no presentation time; some publishers give it the timestamp 0.
      this.#pictures.push(packet, this.#timeline.newestMs);
      return;
    }
    const timeMs = this.#place(tag.timestampMs, 'picture');
    this.#makeUp();
    this.#stillness.picture.came(timeMs);
    this.#stillness.sound.otherCame(timeMs);
    this.#sound.pictureAt(timeMs);
    this.#pictures.push(packet, timeMs);
  }

  #pushAudio(tag: FlvTag): void {
    const packet = readAudioPacket(tag.data);
    if (packet === null || packet.kind === 'other') return;
    if (packet.kind === 'config') {
      this.#sound.configure(tag.data);
      return;
    }
    const timeMs = this.#place(tag.timestampMs, 'sound');
    this.#makeUp();
    this.#stillness.sound.came(timeMs);
    this.#stillness.picture.otherCame(timeMs);
    this.#sound.push(timeMs, tag.data);
  }

  #pushScript(tag: FlvTag): void {
    const description = readPictureTag(tag.data);
    if (description !== null) this.#pictures.describe(description);
    const line = readLineTag(tag.data);
    if (line === null) return;
    const { epochOffsetMs } = this.#options.job;
    const heardMs = line.heardMs === null ? null : line.heardMs - epochOffsetMs;
    for (const still of Object.values(this.#stillness)) still.line(line.nowMs - epochOffsetMs, heardMs);
    this.#makeUp();
  }

  /** Lets the last picture stand, and fills with silence, where the publisher sends nothing while something else goes on. */
  #makeUp(): void {
    const pictureMs = this.#stillness.picture.untilMs;
    if (pictureMs !== null) this.#pictures.standTo(pictureMs);
    const soundMs = this.#stillness.sound.untilMs;
    if (soundMs !== null) this.#sound.fillTo(soundMs);
  }

  /** The newest media of a kind; what is made up counts as what it stands for, since nothing is late there. */
  #newestUtcMs(kind: SourceKind): number | null {
    const ownMs = this.#timeline.newestUtcMs(kind);
    const { untilMs, behindMs } = this.#stillness[kind];
    if (ownMs === null || untilMs === null) return ownMs;
    return untilMs + behindMs + this.#options.job.epochOffsetMs;
  }

  #place(timestampMs: number, kind: SourceKind): number {
    const { timeMs, jumpedMs } = this.#timeline.place(timestampMs, this.#options.clock.nowMs(), kind);
    if (jumpedMs !== 0) {
      this.#options.logger.warn({ jumpedMs }, 'the timestamps of the source jumped; the jump was removed');
      this.#options.onJump();
    }
    return timeMs;
  }

  #writerOf(trackId: string): TrackWriter {
    let writer = this.#writers.get(trackId);
    if (writer === undefined) {
      writer = new TrackWriter((chunk) => this.#options.push(trackId, chunk));
      this.#writers.set(trackId, writer);
    }
    return writer;
  }
}
