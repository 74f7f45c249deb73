import type { Ladder } from '../config/schema.ts';
import { readAacConfig } from '../media/codec/aac-config.ts';
import { isMalformed } from '../media/codec/malformed.ts';
import { readAudioPacket } from '../media/flv/audio-packet.ts';
import type { FlvTag } from '../media/flv/flv-tag.ts';
import { isCodedVideo, readVideoPacket } from '../media/flv/video-packet.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import type { TranscodeJob } from './job.ts';
import { SOURCE_TRACK, planPicture, planSound, type PicturePlan, type SoundPlan } from './ladder-plan.ts';
import type { SessionStatus } from './session-status.ts';
import { type SourceKind, SourceTimeline } from './timeline/source-timeline.ts';
import { frameTicks, mediaTicks, offsetTicks } from './timeline/media-clock.ts';
import { PlaceholderPicture, type PlaceholderSegment } from './tracks/placeholder-picture.ts';
import { PictureCopy } from './tracks/picture-copy.ts';
import { PictureEncoder } from './tracks/picture-encoder.ts';
import { SoundEncoder } from './tracks/sound-encoder.ts';
import { SoundTrack } from './tracks/sound-track.ts';
import { TrackWriter, type TrackChunk } from './tracks/track-writer.ts';
import type { TranscodeError } from './transcode-error.ts';

/** What a session needs. */
export type TranscodeSessionOptions = {
  readonly job: TranscodeJob;
  readonly ladder: Ladder;
  /** ffmpeg's path or name. */
  readonly program: string;
  readonly threadsPerRung: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Receives every chunk of every track. */
  push(trackId: string, chunk: TrackChunk): void;
  /** Gives the placeholder picture, encoded for the rungs of the plan. */
  placeholder(plan: Extract<PicturePlan, { kind: 'placeholder' }>): Promise<readonly PlaceholderSegment[]>;
  onRestart(kind: 'picture' | 'sound'): void;
  onJump(): void;
  /** ffmpeg failed too often: the session cannot go on. */
  onGaveUp(error: TranscodeError): void;
};

/** Announced sound that is missing for this long, in media time, is replaced by silence until it comes. */
const SOUND_PATIENCE_TICKS = 2 * 90_000;

/**
 * The transcoding of one job: tags of the source in, chunks of all tracks out.
 *
 * AAC-LC sound at 48 kHz and passthrough pictures are only repackaged; ffmpeg gets what must be encoded. A kind of media that the
 * publisher does not send is generated, paced by the kind that she sends.
 */
export class TranscodeSession {
  readonly #options: TranscodeSessionOptions;
  readonly #plan: PicturePlan;
  readonly #soundPlan: SoundPlan;
  readonly #offsetTicks: number;
  readonly #timeline: SourceTimeline;
  readonly #sound: SoundTrack;
  readonly #startMs: number;
  readonly #writers = new Map<string, TrackWriter>();
  #picture: PictureEncoder | null = null;
  #copy: PictureCopy | null = null;
  #placeholder: PlaceholderPicture | null = null;
  #soundEncoder: SoundEncoder | null = null;
  /** Whether the sound can be copied; null before its configuration. */
  #soundFits: boolean | null = null;

  private constructor(options: TranscodeSessionOptions) {
    const { job, ladder } = options;
    this.#options = options;
    this.#plan = planPicture(job.video, ladder);
    this.#soundPlan = planSound(job.audio);
    const grid = this.#plan.kind === 'copy' ? 1 : frameTicks(this.#plan.frameRate);
    this.#offsetTicks = offsetTicks(job.epochOffsetMs, grid);
    this.#timeline = new SourceTimeline(job.epochOffsetMs);
    this.#sound = new SoundTrack(this.#writerOf('audio'));
    this.#startMs = options.clock.nowMs();
  }

  /** Prepares encoders and placeholder before the first tag. @throws {TranscodeError} `ffmpeg-gave-up` */
  static async open(options: TranscodeSessionOptions): Promise<TranscodeSession> {
    const session = new TranscodeSession(options);
    await session.#prepare();
    return session;
  }

  /** Process ids of its ffmpeg processes, for the log and for tests. */
  get pids(): readonly number[] {
    return [this.#picture?.pid, this.#soundEncoder?.pid].filter((pid) => typeof pid === 'number');
  }

  /** Its encoding plan, and the age of the newest frame at each of its stages, at `nowMs` (UTC milliseconds). */
  status(nowMs: number): SessionStatus {
    const plan = this.#plan;
    const tracks = plan.kind === 'copy' ? [SOURCE_TRACK] : plan.rungs.map(({ id }) => id);
    const ageOf = (ms: number | null | undefined): number | null =>
      typeof ms === 'number' ? nowMs - ms : null;
    return {
      plan: {
        ...{
          level: 0,
          name: 'full',
          sinceMs: this.#startMs,
          reason: '',
          frameRate: plan.frameRate,
          tracks,
          away: [],
        },
        ...(plan.kind === 'encode' ? { presetName: this.#options.ladder.preset } : {}),
      },
      lagMs: {
        source: {
          picture: ageOf(this.#timeline.newestUtcMs('picture')),
          sound: ageOf(this.#timeline.newestUtcMs('sound')),
        },
        queue: null,
        rungs: Object.fromEntries(tracks.map((id) => [id, ageOf(this.#writers.get(id)?.headMs)])),
        sound: ageOf(this.#writers.get('audio')?.headMs),
      },
    };
  }

  /** The source was reconnected: it begins with a keyframe that was already received. */
  reconnected(): void {
    this.#timeline.restart();
  }

  /**
   * Handles the source's next tag.
   *
   * @returns null, or a promise to wait for when an encoder is too slow
   */
  push(tag: FlvTag): Promise<void> | null {
    if (tag.kind === 'video') return this.#pushVideo(tag);
    return tag.kind === 'audio' ? this.#pushAudio(tag) : null;
  }

  /** The source ended: encodes and sends everything that was read. */
  async end(): Promise<void> {
    await Promise.all([this.#picture?.end(), this.#soundEncoder?.end()]);
  }

  /** Ends at once; resolves when its ffmpeg processes have ended. */
  async stop(): Promise<void> {
    await Promise.all([this.#picture?.stop(), this.#soundEncoder?.stop()]);
  }

  async #prepare(): Promise<void> {
    const { job, ladder, logger, program } = this.#options;
    const plan = this.#plan;
    const writerOf = (id: string): TrackWriter => this.#writerOf(id);
    if (plan.kind === 'encode') {
      this.#picture = new PictureEncoder({
        ...{ program, logger, writerOf, offsetTicks: this.#offsetTicks },
        preset: ladder.preset,
        threadsPerRung: this.#options.threadsPerRung,
        frameRate: plan.frameRate,
        rungs: plan.rungs,
        onRestart: () => this.#options.onRestart('picture'),
        onGaveUp: (error) => this.#options.onGaveUp(error),
      });
    } else if (plan.kind === 'copy' && job.video !== null) {
      this.#copy = new PictureCopy(writerOf(SOURCE_TRACK), job.video, this.#offsetTicks, plan.frameRate);
    } else if (plan.kind === 'placeholder') {
      this.#placeholder = new PlaceholderPicture(
        await this.#options.placeholder(plan),
        plan.frameRate,
        writerOf,
      );
    }
  }

  #pushVideo(tag: FlvTag): Promise<void> | null {
    const packet = readVideoPacket(tag.data);
    if (!isCodedVideo(packet) || this.#plan.kind === 'placeholder') return null;
    // A sequence header has no presentation time; some publishers give it the timestamp 0.
    const timeMs =
      packet.kind === 'config' ? this.#timeline.newestMs : this.#place(tag.timestampMs, 'picture');
    this.#copy?.push(packet, timeMs);
    if (packet.kind === 'frame') this.#extendSilence(timeMs);
    return this.#picture?.push(packet, timeMs, tag.data) ?? null;
  }

  #pushAudio(tag: FlvTag): Promise<void> | null {
    const packet = readAudioPacket(tag.data);
    if (packet === null || packet.kind === 'other' || this.#soundPlan === 'silence') return null;
    if (packet.kind === 'config') return this.#configureSound(packet.data, tag.data);
    this.#soundFits ??= false;
    const timeMs = this.#place(tag.timestampMs, 'sound');
    if (!this.#soundFits) return this.#encoder().push(timeMs, false, tag.data);
    this.#sound.push(mediaTicks(timeMs, this.#offsetTicks), packet.data);
    this.#extendPlaceholder();
    return null;
  }

  /** The stream's own configuration overrides what was announced. */
  #configureSound(config: Buffer, body: Buffer): Promise<void> | null {
    const read = readAacConfig(config);
    // Once an encoder runs, all sound goes through it: without input it would look as if it hung.
    this.#soundFits =
      this.#soundEncoder === null &&
      !isMalformed(read) &&
      read.objectType === 2 &&
      !read.hasSbr &&
      planSound({ codec: 'aac', sampleRateHz: read.sampleRateHz, channels: read.channels }) === 'copy';
    if (!this.#soundFits) return this.#encoder().push(this.#timeline.newestMs, true, body);
    this.#sound.configure(config);
    return null;
  }

  #encoder(): SoundEncoder {
    const { program, logger, ladder } = this.#options;
    this.#soundEncoder ??= new SoundEncoder({
      ...{ program, logger, track: this.#sound, offsetTicks: this.#offsetTicks },
      kbps: ladder.audioKbps,
      onWritten: () => this.#extendPlaceholder(),
      onRestart: () => this.#options.onRestart('sound'),
      onGaveUp: (error) => this.#options.onGaveUp(error),
    });
    return this.#soundEncoder;
  }

  #extendSilence(pictureMs: number): void {
    const ticks = mediaTicks(pictureMs, this.#offsetTicks);
    if (this.#soundPlan === 'silence') this.#sound.fillTo(ticks);
    else if (this.#sound.endTicks !== null && ticks - this.#sound.endTicks > SOUND_PATIENCE_TICKS) {
      this.#sound.fillTo(ticks - SOUND_PATIENCE_TICKS);
    }
  }

  #extendPlaceholder(): void {
    const { endTicks, startTicks } = this.#sound;
    if (endTicks !== null && startTicks !== null) this.#placeholder?.advanceTo(endTicks, startTicks);
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
