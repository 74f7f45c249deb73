import { Denials, type Refusal } from '../channel/denials.ts';
import { RecoveryDriver } from '../playback/recovery-driver.ts';
import { recall } from '../playback/remembered.ts';
import { runAt } from '../playback/run-at.ts';
import { Sound } from '../playback/sound.ts';
import { DecodeControl } from './decode-control.ts';
import { LevelController } from './level-controller.ts';
import type { LiveEngine, LiveEngineEvents, LiveEngineFactory } from './live-engine.ts';
import { LiveFollower } from './live-follower.ts';
import { LiveQuality } from './live-quality.ts';
import { liveState } from './live-state.ts';
import { type LiveView, createLiveView, elementStats } from './live-view.ts';
import { StallCounter } from './stall-counter.ts';

/** How often the speed is adjusted, in milliseconds. */
const STEER_MS = 100;

/**
 * Plays one live channel in one video element for as long as the page lives. The page is never reloaded: `RecoveryDriver`
 * replaces engines, `LiveFollower` keeps the distance from live, `LevelController` chooses the level.
 */
export class LiveSession {
  readonly view: LiveView;
  /** What the API and the player were denied. */
  readonly denials = new Denials();
  /** Shared with whoever borrows the video element. */
  readonly sound: Sound;
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #makeEngine: LiveEngineFactory;
  readonly #driver: RecoveryDriver<LiveEngine>;
  readonly #follower: LiveFollower;
  readonly #levels: LevelController;
  readonly #quality: LiveQuality;
  readonly #decode: DecodeControl;
  readonly #stalls: StallCounter;
  readonly #openedAtMs = performance.now();
  #firstFrameMs: number | null = null;
  #refusal: Refusal | null = null;
  #clockOffsetMs = 0;
  /** The video element is lent: nothing is done until it is returned. */
  #isLent = false;

  /**
   * @param url multivariant playlist
   */
  constructor(video: HTMLVideoElement, url: string, makeEngine: LiveEngineFactory) {
    this.#video = video;
    this.#url = url;
    this.#makeEngine = makeEngine;
    this.view = createLiveView(recall().audioOnly);
    this.sound = new Sound(video, this.view);
    this.#levels = new LevelController(video);
    this.#quality = new LiveQuality(this.view, this.#levels, () => this.#driver.rebuild());
    this.#decode = new DecodeControl(video, this.view, this.#quality);
    this.#stalls = new StallCounter(video);
    this.#follower = new LiveFollower(video, () => this.#driver.engine);
    this.#driver = new RecoveryDriver({
      ...{ video, sound: this.sound, view: this.view, loadingIsProgress: false },
      makeEngine: () => this.#engine(),
      onMediaReset: () => this.#follower.reset(),
      goLive: () => {
        if (this.#driver.wantsPlay) this.#follower.jumpIfBehind();
      },
      onPoll: (hasMoved) => this.#polled(hasMoved),
    });
    video.addEventListener('waiting', () => this.#ranDry());
    video.addEventListener('playing', () => {
      if (!this.#isLent) this.#firstFrameMs ??= performance.now();
    });
  }

  /** Starts to play. To be called once. */
  open(): void {
    this.#driver.start();
    setInterval(() => this.#steer(), STEER_MS);
  }

  /** Plays or stops, as `denials` now says. */
  applyDenials(): void {
    this.refuse(this.denials.denial);
  }

  /** @param refusal what keeps the channel from playing; null when nothing does any more */
  refuse(refusal: Refusal | null): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    if (this.#isLent) return;
    if (refusal !== null) this.#driver.stop();
    else this.#driver.rebuild();
    this.#updateView();
  }

  /** Stops, and leaves the video element to another session until {@link takeVideoBack}. */
  lendVideo(): void {
    this.#isLent = true;
    this.#driver.stop();
  }

  /** Takes the video element back and plays live. */
  takeVideoBack(): void {
    this.#isLent = false;
    this.#follower.follow();
    this.view.playing.value = -1;
    this.#driver.reset();
    if (this.#refusal === null) this.#driver.rebuild();
    this.#updateView();
  }

  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null {
    return this.#driver.engine?.programTimeMs(this.#video.currentTime) ?? null;
  }

  /** The server's time, UTC milliseconds. */
  serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** @param offsetMs what is added to the page's clock to get the server's, in milliseconds */
  setClockOffset(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
  }

  /** Seconds from the epoch stamp of the picture on the screen to now, by the server's clock; null while unknown. */
  latencySeconds(): number | null {
    const programMs = this.programTimeMs();
    return programMs === null ? null : (this.serverNowMs() - programMs) / 1000;
  }

  /** Plays or pauses. After a long pause playback continues where it was, and the page offers the way to live. */
  togglePlay(): void {
    if (this.#driver.isPaused) {
      this.#follower.resume();
      this.#driver.play();
    } else this.#driver.pause();
  }

  /** Jumps to live and follows it. */
  goLive(): void {
    this.#follower.follow();
    this.#follower.seekToLive();
    this.#driver.play();
  }

  /** The viewer tapped the button that the browser made necessary. */
  tapped(): void {
    this.#driver.tapped();
  }

  /** @param index into `view.levels`, or null for automatic */
  setQuality(index: number | null): void {
    this.#quality.setQuality(index);
  }

  /** Plays the sound alone, or picture and sound again. */
  setAudioOnly(audioOnly: boolean): void {
    this.#quality.setAudioOnly(audioOnly);
  }

  #engine(): LiveEngine {
    this.#follower.reset();
    return this.#makeEngine(this.#video, this.#quality.audioOnlyUrl ?? this.#url, this.#events());
  }

  #events(): LiveEngineEvents {
    return {
      onLevels: (levels) => {
        const { engine } = this.#driver;
        if (engine !== null) this.#quality.start(engine, levels);
      },
      onPartTarget: (partTargetMs) => this.#follower.setPartTarget(partTargetMs),
      onAppended: () => this.#steer(),
      onTransfer: (transfer) => this.#levels.add(transfer),
      // A change in the middle of a segment would fetch its beginning again.
      onSegmentEnd: () => {
        const index = this.#levels.takeWanted();
        if (index !== null) this.#driver.engine?.setLevel(index);
      },
      onLevel: (index) => {
        this.view.playing.value = index;
      },
      onFatal: (cause, status, told) => {
        if (status === 401 || status === 403) this.denials.mediaDenied();
        this.applyDenials();
        this.#driver.failed(cause, told);
      },
    };
  }

  #steer(): void {
    if (!this.#isLent) this.#follower.steer(this.#driver.wantsPlay);
  }

  #ranDry(): void {
    const { isSettling, wantsPlay } = this.#driver;
    const nowMs = performance.now();
    if (isSettling || this.#firstFrameMs === null || !wantsPlay || !this.#stalls.waits(nowMs)) return;
    this.#follower.stalled(nowMs);
    this.#levels.stalled(nowMs);
  }

  #polled(hasMoved: boolean): void {
    if (this.#isLent) return;
    if (hasMoved) this.denials.mediaServed();
    const { engine } = this.#driver;
    if (engine !== null) this.#decode.poll(performance.now(), engine);
    if (this.#driver.standstill().phase === 'fine') this.#quality.plan(this.#decode.maxLevel);
    this.#updateView();
  }

  #updateView(): void {
    const { view } = this;
    const programMs = this.programTimeMs();
    const runs = this.#driver.engine?.runs() ?? [];
    view.state.value = liveState({
      ...this.#driver.standstill(),
      refusal: this.#refusal,
      runState: programMs === null ? null : (runAt(runs, programMs)?.state ?? null),
      apiState: view.channel.value?.state ?? null,
    });
    view.waiting.value = this.#driver.isWaiting;
    this.#follower.followIfClose();
    const behindMs = this.#follower.behindMs();
    view.behindS.value = this.#follower.isFollowing ? 0 : Math.round((behindMs ?? 0) / 1000);
    const latencyS = this.latencySeconds();
    view.stats.value = {
      ...elementStats(this.#video),
      ...this.#levels.stats(performance.now()),
      latencyMs: latencyS === null ? null : latencyS * 1000,
      behindGoalMs: behindMs,
      jitterMs: this.#follower.jitterMs(),
      stalls: this.#stalls.count,
      rebuilds: this.#driver.rebuilds,
      firstFrameMs: this.#firstFrameMs === null ? null : this.#firstFrameMs - this.#openedAtMs,
    };
  }
}
