import type { CodedVideo } from '../../media/flv/video-packet.ts';
import { LineLimit } from '../ffmpeg/log-lines.ts';
import { logRestart } from '../ffmpeg/log-restart.ts';
import { Arrivals } from '../plan/arrivals.ts';
import { type EncodingGroup, type PlanLevel, tracksOf } from '../plan/plan-level.ts';
import { PauseWatch } from '../plan/pause-watch.ts';
import { startFrame } from '../plan/start-frame.ts';
import { Progress } from '../plan/progress.ts';
import {
  CATCHING_UP,
  type EncoderReading,
  type PlanChange,
  StepController,
} from '../plan/step-controller.ts';
import { TranscodeError } from '../transcode-error.ts';
import { CopyRun } from './copy-run.ts';
import { EncoderRestarts } from './encoder-restarts.ts';
import { EncoderRun } from './encoder-run.ts';
import { type ActiveRun, readEncoders } from './read-encoders.ts';
import type { PictureLadderOptions } from './picture-ladder-options.ts';
import { RungTracks } from './rung-tracks.ts';
import { canBeCopied, isFollowed, SourcePictures } from './source-pictures.ts';

type Run = EncoderRun | CopyRun;

/** A picture that has not come out after this time is replaced by a repeat, milliseconds … */
const HOLD_MS = 800;
/** … or after this one while a new encoder is about to take over at that place, or a backlog shrinks quickly. */
const HOLD_FOR_START_MS = 1200;
const HOLD_FOR_BACKLOG_MS = 3000;
/** An encoder without any output for this long after its start has failed. Milliseconds. */
const NO_OUTPUT_MS = 8000;
/** A source with few pictures does not restart its encoders for each of them. Milliseconds. */
const RESUME_EVERY_MS = 10_000;
/** A track that goes away is finished this long before the publisher's pictures reach its end, milliseconds: origins are told in time. */
const FINISH_MS = 400;

/**
 * Makes the pictures of a live broadcast: carries out the plan that the load of the machine allows.
 *
 * It never holds its source back. What its encoders owe is measured by time, a plan that they cannot keep up with is replaced, and
 * each rung's track goes on with repeats of the last picture meanwhile. Encoders that a change does not concern go on.
 */
export class PictureLadder {
  readonly #options: PictureLadderOptions;
  readonly #source = new SourcePictures();
  readonly #arrivals = new Arrivals();
  readonly #controller: StepController;
  readonly #tracks: RungTracks;
  /** Who produces each track, by rung id. */
  readonly #active = new Map<string, ActiveRun>();
  /** Runs whose tracks are about to be taken over. */
  readonly #retiring = new Set<Run>();
  readonly #pause = new PauseWatch();
  readonly #lines = new LineLimit(10, 10_000);
  readonly #restarts = new EncoderRestarts();
  #plan: PlanLevel;
  #state: 'new' | 'live' | 'ending' | 'stopped' = 'new';
  /** The last picture stands because no other one comes. */
  #isStill = false;
  #resumedMs = Number.NEGATIVE_INFINITY;
  #isPinned = false;
  /** The publisher's pictures are coded otherwise from her next keyframe on. */
  #isRenewing = false;

  constructor(options: PictureLadderOptions) {
    this.#options = options;
    this.#tracks = new RungTracks(options);
    const { plans, cost } = options;
    this.#controller = new StepController({ plans, cost, startLevel: options.grantedLevel() });
    this.#plan = plans[this.#controller.level] ?? plans[0];
  }

  /** The plan that is carried out. */
  get plan(): PlanLevel {
    return this.#plan;
  }

  /** Process ids of its encoders. */
  get pids(): readonly number[] {
    return this.#encoders().flatMap(({ pid }) => (pid === null ? [] : [pid]));
  }

  /** Pictures that were received and have not come out of the slowest encoder, milliseconds of media. */
  get owedMs(): number {
    const newest = this.#arrivals.newestFrame;
    if (newest === null || this.#active.size === 0) return 0;
    const next = Math.min(...[...this.#active.values()].map(({ run }) => run.nextFrame));
    return Math.max(0, (newest + 1 - next) * this.#options.grid.frameMs);
  }

  /**
   * Handles the source's next packet, in decode order.
   *
   * @param timeMs decode time in source time without jumps
   * @param isRepeat nothing refers to it: encoders that begin later do without it
   */
  push(packet: CodedVideo, timeMs: number, isRepeat = false): void {
    if (packet.kind === 'config') {
      this.#configure(packet, timeMs);
      return;
    }
    const { compositionOffsetMs, isSync, data } = packet;
    if (this.#isRenewing && (!isSync || isRepeat)) return;
    const picture = { timeMs, compositionOffsetMs, isSync, data };
    if (!isRepeat) this.#source.push(picture);
    const nowMs = this.#options.now();
    this.#arrivals.add(this.#options.grid.frameAt(timeMs + compositionOffsetMs), nowMs);
    if (this.#isRenewing && this.#state === 'live') {
      this.#isRenewing = false;
      const { plans } = this.#options;
      if (this.#plan.copyTrack === null || canBeCopied(this.#source.config)) this.#replaceRuns(nowMs);
      else this.#carryOut(plans.indexOf(this.#plan), 'stuck', nowMs);
      return;
    }
    for (const run of this.#runs()) run.push(picture);
    if (this.#state === 'new') this.#begin();
    else if (this.#isStill && this.#state === 'live') this.#resume(nowMs);
  }

  /** Lets the last picture stand up to a source time, milliseconds, in tracks whose source cannot be repeated. */
  standTo(untilMs: number): void {
    if (this.#state !== 'live') return;
    this.#isStill = true;
    const frame = this.#options.grid.frameAt(untilMs);
    this.#tracks.holdTo(frame, frame);
  }

  /** Moves on: to be called ten times a second. */
  tick(): void {
    if (this.#state !== 'live') return;
    const nowMs = this.#options.now();
    const isAfterPause = this.#pause.tick(nowMs);
    this.#failSilent(nowMs);
    const reading = this.#read(nowMs);
    if (!isAfterPause) this.#hold(reading.rate, nowMs);
    this.#tracks.finishBefore((this.#arrivals.newestFrame ?? 0) + this.#options.grid.framesIn(FINISH_MS));
    this.#retire();
    if (isAfterPause || this.#isPinned) return;
    const change = this.#controller.decide(reading);
    if (change !== null) this.#carryOut(change.level, change.reason, nowMs);
  }

  /** Encodes the rest; resolves when it was written, or after 5 s. */
  async end(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'ending';
    const limit = setTimeout(() => void this.stop(), 5000);
    await Promise.all(this.#encoders().map((run) => run.end()));
    clearTimeout(limit);
    await this.stop();
  }

  /** Ends at once; resolves when its encoders have ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#restarts.clear();
    await Promise.all(this.#encoders().map((run) => run.stop()));
  }

  #runs(): Set<Run> {
    return new Set([...[...this.#active.values()].map(({ run }) => run), ...this.#retiring]);
  }

  #encoders(): EncoderRun[] {
    return [...this.#runs()].filter((run) => run instanceof EncoderRun);
  }

  #begin(): void {
    const [first] = this.#source.group;
    if (first === undefined || this.#source.config === null) return;
    this.#state = 'live';
    const { grid } = this.#options;
    const firstFrame = grid.frameAt(first.timeMs + first.compositionOffsetMs);
    const notBefore = Math.ceil((this.#options.notBeforeTicks ?? 0) / grid.frameTicks);
    const frame = grid.segmentStart(Math.max(firstFrame, notBefore));
    this.#startRuns(this.#plan, new Set(), () => frame, this.#options.now());
  }

  #read(nowMs: number): EncoderReading {
    const { cost, roomCores, idleCores, grantedLevel } = this.#options;
    const reading = readEncoders(new Set(this.#active.values()), this.#arrivals, cost, nowMs);
    const isChanging = reading.isChanging || this.#restarts.isPending;
    const cores = { roomCores: roomCores(), idleCores: idleCores() };
    return { ...reading, ...cores, isChanging, grantedLevel: grantedLevel() };
  }

  #configure(packet: CodedVideo, timeMs: number): void {
    const before = this.#source.config;
    this.#source.configure(packet);
    const { config } = this.#source;
    if (before === null || config === null) return;
    if (isFollowed(before, config)) {
      for (const run of this.#runs()) {
        if (run instanceof EncoderRun) run.configure(timeMs, config.data);
        else run.configure();
      }
      return;
    }
    // A decoder of its own begins with the next keyframe; what came before it cannot be decoded by that.
    this.#source.forgetGroup();
    this.#isRenewing = true;
  }

  /** Pictures come again: new encoders begin with the newest one, because the old ones count frames that are taken. */
  #resume(nowMs: number): void {
    this.#isStill = false;
    // A screen that seldom changes: its pictures are shown at the next start of a segment.
    if (nowMs - this.#resumedMs < RESUME_EVERY_MS) return;
    this.#resumedMs = nowMs;
    this.#replaceRuns(nowMs);
  }

  #replaceRuns(nowMs: number): void {
    for (const run of this.#runs()) this.#retiring.add(run);
    for (const run of this.#encoders()) void run.stop();
    const newest = this.#arrivals.newestFrame ?? 0;
    const { grid } = this.#options;
    const firstFrame = newest - (newest % 2);
    this.#startRuns(
      this.#plan,
      new Set(),
      (group) => (group === null ? grid.segmentStart(newest) : firstFrame),
      nowMs,
    );
  }

  #hold(rate: number, nowMs: number): void {
    const due = (afterMs: number): number =>
      this.#arrivals.dueFrame(afterMs, nowMs) ?? Number.NEGATIVE_INFINITY;
    const isCatchingUp = rate >= CATCHING_UP && Number.isFinite(rate);
    this.#tracks.holdTo(due(isCatchingUp ? HOLD_FOR_BACKLOG_MS : HOLD_MS), due(HOLD_FOR_START_MS));
    let oldest = this.#tracks.oldestHead;
    for (const run of this.#runs()) oldest = Math.min(oldest, run.nextFrame);
    if (Number.isFinite(oldest)) this.#arrivals.forgetBefore(oldest);
  }

  #carryOut(level: number, reason: PlanChange['reason'], nowMs: number): void {
    const plan = this.#options.plans[this.#allowed(level)];
    if (plan === undefined) return;
    const isSame = plan === this.#plan;
    this.#plan = plan;
    const wanted = new Set(plan.groups.map(keyOf));
    const kept = new Set<string>();
    for (const { run } of this.#active.values()) {
      const key = run instanceof EncoderRun ? keyOf(run.group) : null;
      if (!isSame && key !== null && wanted.has(key)) kept.add(key);
      else this.#retiring.add(run);
    }
    const newest = this.#arrivals.newestFrame ?? 0;
    const { grid } = this.#options;
    // Where tracks that go away end, and a copy begins: one change, not two.
    const boundary = grid.segmentStart(newest + grid.framesIn(FINISH_MS));
    const start = (group: EncodingGroup | null): number =>
      group === null ? boundary : this.#firstFrame(group, reason, newest);
    // Where there is no hurry they go on until the new encoders are there.
    const end = reason === 'room' ? Math.max(boundary, ...plan.groups.map(start)) : boundary;
    for (const rungId of this.#tracks.rungIds) {
      if (tracksOf(plan).includes(rungId)) {
        this.#tracks.keep(rungId);
        continue;
      }
      this.#active.delete(rungId);
      this.#tracks.endAt(rungId, end);
    }
    for (const run of this.#retiring) {
      if (!(run instanceof EncoderRun)) continue;
      if (reason === 'stuck') void run.stop();
      else if (reason === 'lag') run.yieldTo();
    }
    this.#startRuns(plan, kept, start, nowMs);
    this.#options.onPlan(plan, reason);
  }

  /** A level, or the next heavier one that encodes, where the publisher's pictures cannot be copied. */
  #allowed(level: number): number {
    if (canBeCopied(this.#source.config)) return level;
    const { plans } = this.#options;
    return Math.max(
      0,
      plans.findLastIndex((plan, at) => at <= level && plan.copyTrack === null),
    );
  }

  #firstFrame(group: EncodingGroup, reason: PlanChange['reason'], newest: number): number {
    const begins = group.rungs.some(({ id }) => typeof this.#tracks.get(id)?.head !== 'number');
    return startFrame(this.#options.grid, newest, this.#source.group.length, reason, begins);
  }

  #startRuns(
    plan: PlanLevel,
    kept: ReadonlySet<string>,
    firstFrame: (group: EncodingGroup | null) => number,
    nowMs: number,
  ): void {
    // Whatever was about to be started again is started now, or not wanted.
    this.#restarts.clear();
    // All new encoders of a plan begin together: one change, not one a rung.
    const together = Math.max(...plan.groups.map((group) => firstFrame(group)));
    for (const group of plan.groups) {
      if (!kept.has(keyOf(group))) this.#startEncoder(group, together, nowMs);
    }
    if (plan.copyTrack !== null) this.#startCopy(plan.copyTrack, firstFrame(null), nowMs);
  }

  #startEncoder(group: EncodingGroup, firstFrame: number, nowMs: number): void {
    const { program, frameRate, grid, logger } = this.#options;
    const isLowest = group.rungs.at(-1)?.id === this.#options.rungs.at(-1)?.id;
    const run: EncoderRun = new EncoderRun({
      ...{ program, group, frameRate, grid, firstFrame, logger, source: this.#source, lines: this.#lines },
      work: isLowest ? 'lowest-rung' : 'upper-rung',
      onConfig: (rungId, config) => this.#tracks.get(rungId)?.configure(run, config),
      onPicture: (rungId, picture) => this.#tracks.get(rungId)?.push(run, picture),
      onFailed: (why) => this.#onFailed(run, why),
    });
    const active = this.#activate(run, nowMs);
    for (const rung of group.rungs) {
      this.#tracks.use(rung).expect(run, firstFrame);
      this.#active.set(rung.id, active);
    }
  }

  #startCopy(rungId: string, firstFrame: number, nowMs: number): void {
    const rung = this.#options.rungs.find(({ id }) => id === rungId);
    if (rung === undefined) return;
    const track = this.#tracks.use(rung);
    const run: CopyRun = new CopyRun({
      ...{ grid: this.#options.grid, source: this.#source, firstFrame },
      onConfig: (config) => track.configure(run, config),
      onPicture: (picture, references) => track.push(run, picture, references),
    });
    track.expect(run, firstFrame);
    this.#active.set(rungId, this.#activate(run, nowMs));
  }

  /** Stops encoders whose tracks are all taken over or away. */
  #retire(): void {
    for (const run of this.#retiring) {
      if (this.#tracks.isProducing(run)) continue;
      this.#retiring.delete(run);
      if (run instanceof EncoderRun) void run.stop();
    }
  }

  #failSilent(nowMs: number): void {
    for (const { run, startedMs } of new Set(this.#active.values())) {
      if (!(run instanceof EncoderRun) || run.nextFrame !== run.firstFrame) continue;
      if (nowMs - startedMs < NO_OUTPUT_MS || this.#arrivals.lagMs(run.firstFrame, nowMs) < NO_OUTPUT_MS / 2)
        continue;
      void run.stop();
      this.#onFailed(run, `no output for ${NO_OUTPUT_MS / 1000} s`);
    }
  }

  /** Restarts an encoder that died; gives up, or passes the publisher's pictures through, when that happens too often. */
  #onFailed(run: EncoderRun, why: string): void {
    this.#tracks.forget(run);
    this.#retiring.delete(run);
    const rungIds = run.group.rungs.map(({ id }) => id).filter((id) => this.#active.get(id)?.run === run);
    if (this.#state !== 'live' || rungIds.length === 0) return;
    for (const id of rungIds) this.#active.delete(id);
    const nowMs = this.#options.now();
    const delayMs = this.#restarts.fail(nowMs);
    if (delayMs === null) {
      this.#giveUp(`ffmpeg failed ${this.#restarts.failures} times, last: ${why}`, nowMs);
      return;
    }
    logRestart(this.#options.logger, this.#restarts.failures, delayMs, why);
    this.#options.onRestart();
    const key = keyOf(run.group);
    this.#restarts.schedule(key, delayMs, () => {
      const isWanted = this.#plan.groups.some((group) => keyOf(group) === key);
      if (this.#state !== 'live' || !isWanted || this.#source.group.length === 0) return;
      const newest = this.#arrivals.newestFrame ?? run.firstFrame;
      this.#startEncoder(run.group, this.#firstFrame(run.group, 'lag', newest), this.#options.now());
    });
  }

  #giveUp(why: string, nowMs: number): void {
    const { plans, logger, onGaveUp } = this.#options;
    const copy = plans.find(({ copyTrack }) => copyTrack !== null);
    if (copy === undefined || !canBeCopied(this.#source.config)) {
      onGaveUp(new TranscodeError(why, { code: 'ffmpeg-gave-up' }));
      return;
    }
    logger.error({}, `${why}; the publisher's own pictures are passed through from now on`);
    this.#isPinned = true;
    this.#carryOut(copy.level, 'stuck', nowMs);
  }

  #activate(run: Run, nowMs: number): ActiveRun {
    const progress = new Progress(this.#options.grid.frameMs);
    return { run, progress, startedMs: nowMs, isProducing: () => this.#tracks.isProducing(run) };
  }
}

function keyOf({ rungs, preset, frameStep }: EncodingGroup): string {
  return `${rungs.map(({ id }) => id).join('+')}/${preset}/${frameStep}`;
}
