import type { Ladder } from '../../config/schema.ts';
import type { PictureDescription } from '../../media/flv/picture-tag.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CapacityGrant } from '../capacity/capacity-grant.ts';
import type { SourceVideo, TranscodeJob } from '../job.ts';
import { SOURCE_TRACK, planPicture, type PicturePlan } from '../ladder-plan.ts';
import { levelsOf } from '../plan/broadcast-levels.ts';
import { tracksOf, type PlanLevel } from '../plan/plan-level.ts';
import type { PlanChange } from '../plan/step-controller.ts';
import type { SessionStatus } from '../session-status.ts';
import { FrameGrid } from '../timeline/frame-grid.ts';
import type { TranscodeError } from '../transcode-error.ts';
import { begunVideo } from './begun-video.ts';
import { GAP_TICKS, PictureCopy } from './picture-copy.ts';
import { PictureLadder } from './picture-ladder.ts';
import { PlaceholderPicture, type PlaceholderSegment } from './placeholder-picture.ts';
import { planReason } from './plan-reason.ts';
import { StandingPicture } from './standing-picture.ts';
import type { TrackWriter } from './track-writer.ts';

/** What the pictures of a broadcast need. */
export type BroadcastPicturesOptions = {
  readonly job: TranscodeJob;
  readonly ladder: Ladder;
  /** ffmpeg's path or name. */
  readonly program: string;
  readonly grant?: CapacityGrant;
  readonly clock: Clock;
  readonly logger: Logger;
  /** UTC of source time 0, 90 kHz ticks. */
  readonly offsetTicks: number;
  /** Where a track's pictures go. */
  writerOf(trackId: string): TrackWriter;
  /** Nothing more comes on a track until it is written to again. */
  onTrackAway(trackId: string): void;
  placeholder(plan: Extract<PicturePlan, { kind: 'placeholder' }>): Promise<readonly PlaceholderSegment[]>;
  onPlan(plan: PlanLevel, reason: PlanChange['reason']): void;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};

/** Encoders begin anew after their tracks stood still, so pictures that cannot be repeated are given this time to come, milliseconds. */
const HOLD_AFTER_MS = 1000;
/** Time between two repeats of a picture that is copied, milliseconds. */
const COPY_REPEAT_MS = 50;

/**
 * The pictures of a broadcast, as its channel's ladder and what the publisher sends want them: encoded, copied, or a placeholder until
 * there are any.
 */
export class BroadcastPictures {
  readonly #options: BroadcastPicturesOptions;
  #plan: PicturePlan;
  #ladder: PictureLadder | null = null;
  #copy: PictureCopy | null = null;
  #placeholder: PlaceholderPicture | null = null;
  #standing: StandingPicture;
  /** What the feed says of the pictures whose configuration comes next. */
  #description: PictureDescription | null = null;
  /** A configuration whose first picture has not come: until then the picture before stands. */
  #nextConfig: CodedVideo | null = null;
  #planSince: { readonly ms: number; readonly reason: PlanChange['reason'] | null };

  constructor(options: BroadcastPicturesOptions) {
    const { job, ladder, clock } = options;
    this.#options = options;
    this.#plan = planPicture(job.video, ladder);
    this.#standing = standingOf(this.#plan);
    this.#planSince = { ms: clock.nowMs(), reason: null };
  }

  /** Prepares encoders and placeholder before the first picture. @throws {TranscodeError} `ffmpeg-gave-up` */
  async prepare(): Promise<void> {
    const { job, writerOf } = this.#options;
    if (job.video !== null) this.#begin(job.video, 0);
    else if (this.#plan.kind === 'placeholder') {
      const segments = await this.#options.placeholder(this.#plan);
      this.#placeholder = new PlaceholderPicture(segments, this.#plan.frameRate, writerOf);
    }
  }

  /** Process ids of its ffmpeg processes. */
  get pids(): readonly number[] {
    return this.#ladder?.pids ?? [];
  }

  /** Ids of the tracks that it produces now, best first. */
  get tracks(): string[] {
    if (this.#ladder !== null) return tracksOf(this.#ladder.plan);
    return this.#plan.kind === 'copy' ? [SOURCE_TRACK] : this.#plan.rungs.map(({ id }) => id);
  }

  /** Whether an encoder makes them. */
  get isEncoding(): boolean {
    return this.#ladder !== null;
  }

  /** Pictures that its slowest encoder owes, milliseconds of media. */
  get owedMs(): number {
    return this.#ladder?.owedMs ?? 0;
  }

  /** How they are made at the moment, and why. */
  get status(): SessionStatus['plan'] {
    const plan = this.#plan;
    const level = this.#ladder?.plan;
    const since = { sinceMs: this.#planSince.ms, reason: this.#reason(level?.level ?? 0) };
    const { tracks } = this;
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

  /** Takes what the feed says of the pictures whose configuration follows. */
  describe(description: PictureDescription): void {
    this.#description = description;
  }

  /**
   * Takes the source's next packet, in decode order.
   *
   * @param timeMs decode time in source time without jumps
   */
  push(packet: CodedVideo, timeMs: number): void {
    if (packet.kind === 'config') {
      this.#nextConfig = { ...packet, data: Buffer.from(packet.data) };
      return;
    }
    if (this.#copy !== null && this.#standing.isGap(timeMs, GAP_TICKS / 90)) this.#repeatTo(timeMs, true);
    if (this.#nextConfig !== null) this.#configure(this.#nextConfig, timeMs);
    this.#give(packet, this.#standing.place(packet, timeMs));
  }

  /** Lets the last picture stand up to a source time, milliseconds. */
  standTo(untilMs: number): void {
    if (this.#standing.canRepeat) this.#repeatTo(untilMs);
    else if (untilMs - this.#standing.endMs > HOLD_AFTER_MS) this.#ladder?.standTo(untilMs);
  }

  /**
   * Reports that there is sound up to a media time: a placeholder is paced by it.
   *
   * @param endTicks 90 kHz ticks since the epoch
   * @param startTicks where sound begins: the start of a segment
   */
  soundReaches(endTicks: number, startTicks: number): void {
    this.#placeholder?.advanceTo(endTicks, startTicks);
  }

  /** Moves on: to be called ten times a second. */
  tick(): void {
    this.#ladder?.tick();
  }

  /** Encodes the rest; resolves when it was written. */
  async end(): Promise<void> {
    await this.#ladder?.end();
  }

  /** Ends at once; resolves when its ffmpeg processes have ended. */
  async stop(): Promise<void> {
    await this.#ladder?.stop();
  }

  #configure(config: CodedVideo, timeMs: number): void {
    this.#nextConfig = null;
    if (this.#placeholder !== null) this.#replacePlaceholder(config, this.#placeholder);
    this.#give({ ...config, data: this.#standing.configure(config) }, timeMs);
  }

  /** @param durationMs how long it is shown; null where the next picture is not known */
  #give(packet: CodedVideo, timeMs: number, durationMs: number | null = null): void {
    this.#copy?.push(packet, timeMs, durationMs);
    this.#ladder?.push(packet, timeMs, durationMs !== null);
  }

  #repeatTo(untilMs: number, isEven = false): void {
    for (const { packet, timeMs } of this.#standing.repeats(untilMs, isEven)) {
      this.#give(packet, timeMs, COPY_REPEAT_MS);
    }
  }

  /** @param notBeforeTicks media time before which there are pictures already */
  #begin(video: SourceVideo, notBeforeTicks: number): void {
    const { grant, ladder, logger, program, offsetTicks, writerOf } = this.#options;
    const plan = this.#plan;
    if (plan.kind === 'copy') {
      const writer = writerOf(SOURCE_TRACK);
      this.#copy = new PictureCopy({
        ...{ writer, video, offsetTicks, frameRate: plan.frameRate, notBeforeTicks },
        repeatMs: () => (this.#standing.canRepeat ? COPY_REPEAT_MS : null),
      });
    }
    if (plan.kind !== 'encode') return;
    const { plans, cost } = levelsOf(plan, video, ladder);
    this.#ladder = new PictureLadder({
      ...{ program, logger, writerOf, frameRate: plan.frameRate, rungs: plan.rungs },
      grid: new FrameGrid(plan.frameRate, offsetTicks),
      ...{ plans, notBeforeTicks },
      cost: grant === undefined ? cost : (one) => grant.cost(one),
      now: () => performance.now(),
      roomCores: () => grant?.roomCores() ?? null,
      idleCores: () => grant?.idleCores() ?? null,
      grantedLevel: () => grant?.level() ?? 0,
      onPlan: (level, reason) => {
        grant?.runs(level.level);
        this.#planSince = { ms: this.#options.clock.nowMs(), reason };
        this.#options.onPlan(level, reason);
      },
      onTrackAway: (id) => this.#options.onTrackAway(id),
      onRestart: () => this.#options.onRestart(),
      onGaveUp: (error) => this.#options.onGaveUp(error),
    });
  }

  /** Pictures have begun after all: they follow the placeholder at the next start of a segment. */
  #replacePlaceholder(packet: CodedVideo, placeholder: PlaceholderPicture): void {
    const { ladder, logger } = this.#options;
    const before = this.tracks;
    const video = begunVideo(packet, this.#description);
    this.#plan = planPicture(video, ladder);
    this.#standing = standingOf(this.#plan);
    this.#placeholder = null;
    logger.info({ video }, 'pictures have begun');
    this.#begin(video, placeholder.finish());
    for (const id of before) if (!this.tracks.includes(id)) this.#options.onTrackAway(id);
  }

  /** Why its plan is what it is, as a sentence for operators and teachers; '' for a full ladder. */
  #reason(level: number): string {
    return planReason(this.#planSince.reason, level, this.#options.grant);
  }
}

function standingOf(plan: PicturePlan): StandingPicture {
  // A keyframe once more is much for viewers, and nothing for an encoder.
  return plan.kind === 'copy'
    ? new StandingPicture(COPY_REPEAT_MS, false)
    : new StandingPicture(1000 / plan.frameRate, true);
}
