import type { Ladder } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import { FLV_AUDIO, FLV_VIDEO, type FlvTag } from './flv/flv-parser.ts';
import { readAacConfig, readAudioPacket, readVideoPacket } from './flv/flv-media.ts';
import type { TranscodeJob } from './job.ts';
import { SOURCE_TRACK, planPicture, planSound, type PicturePlan, type SoundPlan } from './ladder-plan.ts';
import { type SourceKind, SourceTimeline } from './timeline/source-timeline.ts';
import { frameTicks, mediaTicks, offsetTicks } from './timeline/media-clock.ts';
import { PictureCard, type CardSegment } from './tracks/picture-card.ts';
import { PictureCopy } from './tracks/picture-copy.ts';
import { PictureEncoder } from './tracks/picture-encoder.ts';
import { SoundEncoder } from './tracks/sound-encoder.ts';
import { SoundTrack } from './tracks/sound-track.ts';
import { TrackWriter, type TrackChunk } from './tracks/track-writer.ts';
import type { TranscodeError } from './transcode-error.ts';

/** What one broadcast needs. */
export type BroadcastOptions = {
  readonly job: TranscodeJob;
  readonly ladder: Ladder;
  /** ffmpeg's path or name. */
  readonly program: string;
  readonly threadsPerRung: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gets every chunk of every track. */
  push(trackId: string, chunk: TrackChunk): void;
  /** The card that stands in for a picture, encoded for the rungs of the plan. */
  card(plan: Extract<PicturePlan, { kind: 'card' }>): Promise<readonly CardSegment[]>;
  onRestart(kind: 'picture' | 'sound'): void;
  onJump(): void;
  /** ffmpeg was given up: the broadcast cannot go on. */
  onGaveUp(error: TranscodeError): void;
};

/** Sound that is announced and does not come for so long, in media time, is replaced by silence until it does. */
const SOUND_PATIENCE_TICKS = 2 * 90_000;

/**
 * One broadcast: takes the source's tags and gives out the chunks of all its tracks.
 *
 * Sound that fits is only wrapped anew, a picture that is passed through as well; ffmpeg sees no more than what has to be
 * encoded. What the publisher does not send is made up, paced by what she does send.
 */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #plan: PicturePlan;
  readonly #soundPlan: SoundPlan;
  readonly #offsetTicks: number;
  readonly #timeline: SourceTimeline;
  readonly #sound: SoundTrack;
  readonly #writers = new Map<string, TrackWriter>();
  #picture: PictureEncoder | null = null;
  #copy: PictureCopy | null = null;
  #card: PictureCard | null = null;
  #soundEncoder: SoundEncoder | null = null;
  /** Whether the sound that comes is what was announced; null before its configuration. */
  #soundFits: boolean | null = null;

  private constructor(options: BroadcastOptions) {
    const { job, ladder } = options;
    this.#options = options;
    this.#plan = planPicture(job.video, ladder);
    this.#soundPlan = planSound(job.audio);
    const grid = this.#plan.kind === 'copy' ? 1 : frameTicks(this.#plan.frameRate);
    this.#offsetTicks = offsetTicks(job.epochOffsetMs, grid);
    this.#timeline = new SourceTimeline(job.epochOffsetMs);
    this.#sound = new SoundTrack(this.#writerOf('audio'));
  }

  /** Makes ready what a broadcast needs before its first tag. @throws {TranscodeError} `ffmpeg-gave-up` */
  static async open(options: BroadcastOptions): Promise<Broadcast> {
    const broadcast = new Broadcast(options);
    await broadcast.#prepare();
    return broadcast;
  }

  /** Process ids of its ffmpegs, for the log and for tests. */
  get pids(): readonly number[] {
    return [this.#picture?.pid, this.#soundEncoder?.pid].filter((pid) => typeof pid === 'number');
  }

  /** The source was connected to again: it begins with a keyframe that was there already. */
  reconnected(): void {
    this.#timeline.restart();
  }

  /**
   * Takes the source's next tag.
   *
   * @returns null, or a promise to wait for: an encoder does not keep up
   */
  push(tag: FlvTag): Promise<void> | null {
    if (tag.type === FLV_VIDEO) return this.#pushVideo(tag);
    return tag.type === FLV_AUDIO ? this.#pushAudio(tag) : null;
  }

  /** The source ended by itself: everything that has been read is encoded and given on. */
  async end(): Promise<void> {
    await Promise.all([this.#picture?.end(), this.#soundEncoder?.end()]);
  }

  /** Ends at once; resolves when its ffmpegs are gone. */
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
    } else if (plan.kind === 'card') {
      this.#card = new PictureCard(await this.#options.card(plan), plan.frameRate, writerOf);
    }
  }

  #pushVideo(tag: FlvTag): Promise<void> | null {
    const packet = readVideoPacket(tag.data);
    if (packet === null || this.#plan.kind === 'card') return null;
    // A configuration carries no time of its own: some publishers stamp it 0.
    const timeMs =
      packet.kind === 'config' ? this.#timeline.newestMs : this.#place(tag.timestampMs, 'picture');
    this.#copy?.push(packet, timeMs);
    if (packet.kind === 'frame') this.#keepSoundUp(timeMs);
    return this.#picture?.push(packet, timeMs, tag.data) ?? null;
  }

  #pushAudio(tag: FlvTag): Promise<void> | null {
    const packet = readAudioPacket(tag.data);
    if (packet === null || this.#soundPlan === 'silence') return null;
    if (packet.kind === 'config') return this.#configureSound(packet.data, tag.data);
    this.#soundFits ??= false;
    const timeMs = this.#place(tag.timestampMs, 'sound');
    if (!this.#soundFits) return this.#encoder().push(timeMs, false, tag.data);
    this.#sound.push(mediaTicks(timeMs, this.#offsetTicks), packet.data);
    this.#keepCardUp();
    return null;
  }

  /** What the stream says of its sound goes before what was announced. */
  #configureSound(config: Buffer, body: Buffer): Promise<void> | null {
    const read = readAacConfig(config);
    // Once some of it had to be encoded all of it is: an encoder without input would count as one that hangs.
    this.#soundFits =
      this.#soundEncoder === null &&
      read !== null &&
      read.objectType === 2 &&
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
      onWritten: () => this.#keepCardUp(),
      onRestart: () => this.#options.onRestart('sound'),
      onGaveUp: (error) => this.#options.onGaveUp(error),
    });
    return this.#soundEncoder;
  }

  #keepSoundUp(pictureMs: number): void {
    const ticks = mediaTicks(pictureMs, this.#offsetTicks);
    if (this.#soundPlan === 'silence') this.#sound.fillTo(ticks);
    else if (this.#sound.endTicks !== null && ticks - this.#sound.endTicks > SOUND_PATIENCE_TICKS) {
      this.#sound.fillTo(ticks - SOUND_PATIENCE_TICKS);
    }
  }

  #keepCardUp(): void {
    const { endTicks, startTicks } = this.#sound;
    if (endTicks !== null && startTicks !== null) this.#card?.advanceTo(endTicks, startTicks);
  }

  #place(timestampMs: number, kind: SourceKind): number {
    const { timeMs, jumpedMs } = this.#timeline.place(timestampMs, this.#options.clock.nowMs(), kind);
    if (jumpedMs !== 0) {
      this.#options.logger.warn({ jumpedMs }, 'the source clock jumped; media time goes on');
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
