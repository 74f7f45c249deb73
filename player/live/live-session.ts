import type { ListedCall } from '../../rollcall/protocol/listed-call.ts';
import { Denials, type Refusal } from '../channel/denials.ts';
import { RecoveryDriver } from '../playback/recovery-driver.ts';
import { recall } from '../playback/remembered.ts';
import { runAt } from '../playback/run-at.ts';
import { Sound } from '../playback/sound.ts';
import { DecodeControl } from './decode-control.ts';
import { LineShape, type Loading, tuningOf } from './line-shape.ts';
import { LevelController } from './level-controller.ts';
import type { LiveEngine, LiveEngineEvents, LiveEngineFactory } from './live-engine.ts';
import { LiveFollower } from './live-follower.ts';
import { LiveQuality } from './live-quality.ts';
import { liveState } from './live-state.ts';
import { type LiveView, createLiveView, elementStats } from './live-view.ts';
import { StallCounter } from './stall-counter.ts';

/** How often the speed is adjusted, in milliseconds. */
const STEER_MS = 100;
/** A class that could not be decoded this often, before its first picture, is none for this browser. */
const UNPLAYABLE_AFTER = 3;
const UNPLAYABLE_FOR_MS = 60_000;

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
  readonly #url: () => string;
  /** What the present engine was made with. */
  #engineUrl = '';
  readonly #makeEngine: LiveEngineFactory;
  readonly #driver: RecoveryDriver<LiveEngine>;
  readonly #follower: LiveFollower;
  readonly #levels: LevelController;
  readonly #quality: LiveQuality;
  readonly #decode: DecodeControl;
  readonly #stalls: StallCounter;
  readonly #line = new LineShape(protocol());
  #partTargetMs = 0;
  #loading: Loading = { way: 'parts', roundTripMs: 0 };
  readonly #openedAtMs = performance.now();
  #firstFrameMs: number | null = null;
  #refusal: Refusal | null = null;
  /** When a picture that never came failed to be decoded, performance.now. */
  #unplayedAtMs: number[] = [];
  #clockOffsetMs = 0;
  /** The video element is lent: nothing is done until it is returned. */
  #isLent = false;

  /**
   * @param url of the multivariant playlist; asked for each new engine, since a token in it expires
   */
  constructor(video: HTMLVideoElement, url: () => string, makeEngine: LiveEngineFactory) {
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
      onSystemResume: () => {
        this.#follower.follow();
        this.#follower.jumpIfBehind();
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
    this.refuse(this.denials.denial ?? (this.#isUnplayable() ? 'unsupported' : null));
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

  /** The calls of the roll that the live playlist lists; null where the player does not tell. */
  calls(): readonly ListedCall[] | null {
    return this.#driver.engine?.calls() ?? null;
  }

  /** The server's time, UTC milliseconds. */
  serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** @param offsetMs what is added to the page's clock to get the server's, in milliseconds */
  setClockOffset(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
  }

  /** @param roundTripMs the shortest of a few round trips to the server, in milliseconds */
  setRoundTrip(roundTripMs: number): void {
    this.#line.measured(roundTripMs);
  }

  /** Seconds from the epoch stamp of the picture on the screen to now, by the server's clock; null while unknown. */
  latencySeconds(): number | null {
    const programMs = this.programTimeMs();
    return programMs === null ? null : (this.serverNowMs() - programMs) / 1000;
  }

  /** The system has paused, and not the viewer by the page's own controls. */
  get isPausedBySystem(): boolean {
    return this.#driver.isPausedBySystem;
  }

  /**
   * Plays or pauses. After a long pause of the viewer's playback continues where it was, and the page offers the way to live; after
   * one of the system it is live again.
   */
  togglePlay(): void {
    if (this.#driver.isPausedBySystem) this.goLive();
    else if (this.#driver.isPaused) {
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
    this.#engineUrl = this.#url();
    const url = this.#quality.audioOnlyUrl ?? this.#engineUrl;
    const engine = this.#makeEngine(this.#video, url, this.#events());
    engine.setLoading(this.#loading);
    return engine;
  }

  #events(): LiveEngineEvents {
    return {
      onLevels: (levels) => {
        const { engine } = this.#driver;
        if (engine !== null) this.#quality.start(engine, levels);
      },
      onPartTarget: (partTargetMs) => {
        this.#partTargetMs = partTargetMs;
        this.#follower.tune(tuningOf(this.#loading, partTargetMs));
      },
      onAppended: () => this.#steer(),
      onTransfer: (transfer) => this.#levels.add(transfer),
      onQueued: (milliseconds) => this.#line.queued(milliseconds),
      // A change in the middle of a segment would fetch its beginning again.
      onSegmentEnd: () => {
        const index = this.#levels.takeWanted();
        if (index !== null) this.#driver.engine?.setLevel(index);
      },
      onLevel: (index) => {
        this.view.playing.value = index;
      },
      onFatal: (cause, status, told) => {
        const isDenied = status === 401 || status === 403;
        if (isDenied && this.#url() !== this.#engineUrl) {
          // The token in its addresses has expired, and there is another one. Its sound alone has the old one, too.
          this.#quality.forgetAudioUrl();
          this.#driver.rebuild();
          return;
        }
        if (isDenied) this.denials.mediaDenied();
        if (cause === 'media' && this.#firstFrameMs === null) this.#unplayedAtMs.push(performance.now());
        this.applyDenials();
        this.#driver.failed(cause, told);
      },
    };
  }

  /** Loads whole segments where the line does not carry parts, and parts again where it does. */
  #chooseLoading(engine: LiveEngine): void {
    const loading = this.#line.loading(this.#partTargetMs, performance.now());
    if (loading === this.#loading) return;
    const fromMs = tuningOf(this.#loading, this.#partTargetMs).startHoldMs;
    const tuning = tuningOf(loading, this.#partTargetMs);
    this.#loading = loading;
    engine.setLoading(loading);
    this.#follower.tune(tuning);
    // The next segment is longer on its way than parts were: what has been heard bridges it, once, instead of a silence.
    if (tuning.startHoldMs > fromMs) this.#follower.stepBack((tuning.startHoldMs - fromMs) / 1000);
  }

  /** The browser has loaded the class several times and has not shown one picture of it. It is tried again after a while. */
  #isUnplayable(): boolean {
    const sinceMs = performance.now() - UNPLAYABLE_FOR_MS;
    this.#unplayedAtMs = this.#unplayedAtMs.filter((atMs) => atMs > sinceMs);
    return this.#firstFrameMs === null && this.#unplayedAtMs.length >= UNPLAYABLE_AFTER;
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
    if (engine !== null) {
      this.#decode.poll(performance.now(), engine);
      this.#chooseLoading(engine);
    }
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
    const isBehind = !this.#follower.isFollowing || !this.#driver.wantsPlay;
    view.behindS.value = isBehind ? Math.max(0, Math.round((behindMs ?? 0) / 1000)) : 0;
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

/** The protocol of the page itself; media comes from the same server, or from a cache in front of it. */
function protocol(): string {
  const [page] = performance.getEntriesByType('navigation');
  return page !== undefined && 'nextHopProtocol' in page ? String(page.nextHopProtocol) : '';
}
