import type { Ladder } from '../config/schema.ts';
import { readAacConfig, writeAacConfig } from '../media/codec/aac-config.ts';
import { isMalformed } from '../media/codec/malformed.ts';
import { readAudioPacket } from '../media/flv/audio-packet.ts';
import type { FlvTag } from '../media/flv/flv-tag.ts';
import { isCodedVideo, readVideoPacket } from '../media/flv/video-packet.ts';
import type { Clock } from '../shared/clock.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ } from '../shared/grid.ts';
import type { Logger } from '../shared/logger.ts';
import type { CapacityGrant } from './capacity/capacity-grant.ts';
import type { TranscodeJob } from './job.ts';
import { levelsOf } from './plan/broadcast-levels.ts';
import { tracksOf, type PlanLevel } from './plan/plan-level.ts';
import type { PlanChange } from './plan/step-controller.ts';
import { SOURCE_TRACK, planPicture, planSound, type PicturePlan, type SoundPlan } from './ladder-plan.ts';
import type { SessionStatus } from './session-status.ts';
import { FrameGrid } from './timeline/frame-grid.ts';
import { type SourceKind, SourceTimeline } from './timeline/source-timeline.ts';
import { frameTicks, mediaTicks, offsetTicks } from './timeline/media-clock.ts';
import { PlaceholderPicture, type PlaceholderSegment } from './tracks/placeholder-picture.ts';
import { PictureCopy } from './tracks/picture-copy.ts';
import { PictureLadder } from './tracks/picture-ladder.ts';
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
  readonly #writers = new Map<string, TrackWriter>();
  #picture: PictureLadder | null = null;
  #planSince: { readonly ms: number; readonly reason: PlanChange['reason'] | null };
  #ticker: NodeJS.Timeout | null = null;
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
    this.#planSince = { ms: options.clock.nowMs(), reason: null };
  }

  /** Prepares encoders and placeholder before the first tag. @throws {TranscodeError} `ffmpeg-gave-up` */
  static async open(options: TranscodeSessionOptions): Promise<TranscodeSession> {
    const session = new TranscodeSession(options);
    await session.#prepare();
    return session;
  }

  /** Process ids of its ffmpeg processes, for the log and for tests. */
  get pids(): readonly number[] {
    const sound = this.#soundEncoder?.pid ?? null;
    return [...(this.#picture?.pids ?? []), ...(sound === null ? [] : [sound])];
  }

  /** Ids of the tracks that it produces now: the picture's, best first, then `audio`; generated ones too. */
  get tracks(): readonly string[] {
    return [...this.#pictureTracks, 'audio'];
  }

  /** Its encoding plan, and the age of the newest frame at each of its stages, at `nowMs` (UTC milliseconds). */
  status(nowMs: number): SessionStatus {
    const ageOf = (ms: number | null | undefined): number | null =>
      typeof ms === 'number' ? nowMs - ms : null;
    const plan = this.#planStatus();
    return {
      plan,
      owedMs: Math.round(this.#picture?.owedMs ?? 0),
      lagMs: {
        source: {
          picture: ageOf(this.#timeline.newestUtcMs('picture')),
          sound: ageOf(this.#timeline.newestUtcMs('sound')),
        },
        queue: this.#picture === null ? null : ageOf(this.#timeline.newestUtcMs('picture')),
        rungs: Object.fromEntries(plan.tracks.map((id) => [id, ageOf(this.#writers.get(id)?.headMs)])),
        sound: ageOf(this.#writers.get('audio')?.headMs),
      },
    };
  }

  get #pictureTracks(): string[] {
    if (this.#picture !== null) return tracksOf(this.#picture.plan);
    return this.#plan.kind === 'copy' ? [SOURCE_TRACK] : this.#plan.rungs.map(({ id }) => id);
  }

  #planStatus(): SessionStatus['plan'] {
    const plan = this.#plan;
    const level = this.#picture?.plan;
    const since = { sinceMs: this.#planSince.ms, reason: this.#reason(level?.level ?? 0) };
    const tracks = this.#pictureTracks;
    if (level === undefined) {
      return { level: 0, name: 'full', ...since, frameRate: plan.frameRate, tracks, away: [] };
    }
    const [group] = level.groups;
    return {
      ...{ level: level.level, name: level.name, ...since },
      frameRate: plan.frameRate / (group?.frameStep ?? 1),
      ...{ tracks, away: [...level.away] },
      ...(group === undefined ? {} : { presetName: group.preset }),
    };
  }

  /** Why its plan is what it is, as a sentence for operators and teachers; '' for a full ladder. */
  #reason(level: number): string {
    const { reason } = this.#planSince;
    // From its start it may have had less than the full ladder.
    if (reason === 'capacity' || (reason === null && level > 0)) {
      return this.#options.grant?.reason() ?? reasonText('capacity');
    }
    return level === 0 ? '' : reasonText(reason);
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
  }

  /** The source ended: encodes and sends everything that was read. */
  async end(): Promise<void> {
    this.#stopTicking();
    await Promise.all([this.#picture?.end(), this.#soundEncoder?.end()]);
  }

  /** Ends at once; resolves when its ffmpeg processes have ended. */
  async stop(): Promise<void> {
    this.#stopTicking();
    await Promise.all([this.#picture?.stop(), this.#soundEncoder?.stop()]);
  }

  async #prepare(): Promise<void> {
    const { job, ladder, logger, program } = this.#options;
    const plan = this.#plan;
    const writerOf = (id: string): TrackWriter => this.#writerOf(id);
    if (plan.kind === 'encode') {
      const { grant } = this.#options;
      const { plans, cost } = levelsOf(plan, job.video, ladder);
      this.#picture = new PictureLadder({
        ...{ program, logger, writerOf, frameRate: plan.frameRate, rungs: plan.rungs },
        grid: new FrameGrid(plan.frameRate, this.#offsetTicks),
        plans,
        cost: grant === undefined ? cost : (one) => grant.cost(one),
        now: () => performance.now(),
        roomCores: () => grant?.roomCores() ?? null,
        grantedLevel: () => grant?.level() ?? 0,
        onPlan: (level, reason) => {
          grant?.runs(level.level);
          this.#planSince = { ms: this.#options.clock.nowMs(), reason };
          this.#options.onPlan(level, reason);
        },
        onTrackAway: (id) => {
          // When the track is back its lag counts from then on.
          this.#writers.delete(id);
          this.#options.onTrackAway(id);
        },
        onRestart: () => this.#options.onRestart('picture'),
        onGaveUp: (error) => this.#options.onGaveUp(error),
      });
      this.#ticker = setInterval(() => this.#picture?.tick(), TICK_MS).unref();
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

  #stopTicking(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  #pushVideo(tag: FlvTag): void {
    const packet = readVideoPacket(tag.data);
    if (!isCodedVideo(packet) || this.#plan.kind === 'placeholder') return;
    // A sequence header has no presentation time; some publishers give it the timestamp 0.
    const timeMs =
      packet.kind === 'config' ? this.#timeline.newestMs : this.#place(tag.timestampMs, 'picture');
    this.#copy?.push(packet, timeMs);
    if (packet.kind === 'frame') this.#extendSilence(timeMs);
    this.#picture?.push(packet, timeMs, tag.data);
  }

  #pushAudio(tag: FlvTag): void {
    const packet = readAudioPacket(tag.data);
    if (packet === null || packet.kind === 'other' || this.#soundPlan === 'silence') return;
    if (packet.kind === 'config') {
      this.#configureSound(packet.data, tag.data);
      return;
    }
    this.#soundFits ??= false;
    const timeMs = this.#place(tag.timestampMs, 'sound');
    this.#picture?.soundAt(timeMs);
    if (!this.#soundFits) {
      this.#encoder().push(timeMs, false, tag.data);
      return;
    }
    this.#sound.push(mediaTicks(timeMs, this.#offsetTicks), packet.data);
    this.#extendPlaceholder();
  }

  /** The stream's own configuration overrides what was announced. */
  #configureSound(config: Buffer, body: Buffer): void {
    const read = readAacConfig(config);
    // Once an encoder runs, all sound goes through it: without input it would look as if it hung.
    this.#soundFits =
      this.#soundEncoder === null &&
      !isMalformed(read) &&
      read.objectType === 2 &&
      !read.hasSbr &&
      read.channelConfiguration === 2 &&
      read.frameSamples === AAC_FRAME_SAMPLES &&
      planSound({ codec: 'aac', sampleRateHz: read.sampleRateHz, channels: read.channels }) === 'copy';
    // The same sound is described in several ways; written in one, it needs no second sample entry after another encoder's.
    if (this.#soundFits) this.#sound.configure(writeAacConfig(AUDIO_SAMPLE_RATE_HZ, 2));
    else this.#encoder().push(this.#timeline.newestMs, true, body);
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

/** Why a plan was chosen, as a sentence for operators and teachers. */
function reasonText(reason: PlanChange['reason'] | null): string {
  switch (reason) {
    case null:
      return '';
    case 'lag':
      return 'the encoder did not keep up';
    case 'stuck':
      return 'the encoder did nothing';
    case 'capacity':
      return 'the worker has no room for more beside its other classes';
    case 'room':
      return 'there is computing power again';
  }
}
