import type { Level } from '../abr/levels.ts';
import { LatencyController } from '../latency/controller.ts';
import { tuningFor } from '../latency/tuning.ts';
import { bufferEnd } from '../playback/buffered.ts';
import type { LiveEngine, LiveEngineEvents, LiveEngineFactory } from './live-engine.ts';
import { LevelController } from './level-controller.ts';
import { type RecoveryEvent, type RecoveryState, recover, startRecovery } from '../playback/recovery.ts';
import { Denials, type Refusal } from '../channel/denials.ts';
import { recall, remember } from '../playback/remembered.ts';
import { runAt } from '../playback/run-at.ts';
import { type LiveView, createLiveView, elementStats } from './live-view.ts';
import { Sound } from '../playback/sound.ts';
import { StallCounter } from './stall-counter.ts';
import { liveState } from './live-state.ts';

/** How often the playhead is looked at, in milliseconds. */
const LOOK_MS = 50;
/** How often recovery and the page's words are looked at: every so many looks. */
const SLOW_EVERY = 5;
/** A timer this late means that the machine slept or the page was frozen. */
const SLEPT_MS = 5000;

/**
 * Plays one channel in one video element for as long as the page lives: makes the engine, watches the playhead, lets the
 * pure cores decide, and does what they say. The page is never reloaded.
 */
export class LiveSession {
  readonly view: LiveView;
  /** What the API and the player were denied. */
  readonly denials = new Denials();
  /** Shared with who borrows the video element. */
  readonly sound: Sound;
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #makeEngine: LiveEngineFactory;
  readonly #levels: LevelController;
  readonly #stalls: StallCounter;
  readonly #openedAtMs = performance.now();
  #engine: LiveEngine | null = null;
  #latency: LatencyController;
  #recovery: RecoveryState;
  #audioUrl: string | null = null;
  #wantsPlay = true;
  #following = true;
  /** An engine is being put in: the element pauses by itself, which is not the viewer's doing. */
  #settling = true;
  #looks = 0;
  #lookedAtMs = Date.now();
  #lastPlayhead = 0;
  #rebuilds = 0;
  #firstFrameMs: number | null = null;
  #refusal: Refusal | null = null;
  #clockOffsetMs = 0;
  /** The video element shows something else: nothing is done until it is given back. */
  #lent = false;

  /**
   * @param url multivariant playlist
   */
  constructor(video: HTMLVideoElement, url: string, makeEngine: LiveEngineFactory) {
    const remembered = recall();
    this.#video = video;
    this.#url = url;
    this.#makeEngine = makeEngine;
    this.#latency = new LatencyController(tuningFor(200));
    this.#recovery = startRecovery(performance.now());
    this.view = createLiveView(remembered.muted, remembered.volume, remembered.audioOnly);
    this.#levels = new LevelController(video);
    this.#stalls = new StallCounter(video);
    this.sound = new Sound(video, this.view);
    this.#listen();
  }

  /** Begins to play. To be called once. */
  open(): void {
    this.#rebuild();
    setInterval(() => this.#look(), LOOK_MS);
  }

  /** Plays or stops as `denials` has it now. */
  applyDenials(): void {
    this.refuse(this.denials.denial);
  }

  /** Tells what keeps the channel from playing, or that nothing does any more. */
  refuse(refusal: Refusal | null): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    if (this.#lent) return;
    if (refusal !== null) this.#letGo();
    else this.#rebuild();
    this.#say();
  }

  /** Stops, and leaves the video element to somebody else until {@link takeBack}. */
  lend(): void {
    this.#lent = true;
    this.#settling = true;
    this.#letGo();
  }

  /** Takes the video element back and goes to live. */
  takeBack(): void {
    this.#lent = false;
    this.#following = true;
    this.#wantsPlay = true;
    this.#recovery = startRecovery(performance.now());
    this.view.playing.value = -1;
    if (this.#refusal === null) this.#rebuild();
    this.#say();
  }

  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null {
    return this.#engine?.programTimeMs(this.#video.currentTime) ?? null;
  }

  /** The server's time, UTC milliseconds. */
  serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** @param offsetMs what is added to the page's clock to get the server's, in milliseconds */
  setClockOffset(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
  }

  /** Seconds from the stamp of the picture on the screen to now, by the server's clock; null while unknown. */
  latencySeconds(): number | null {
    const programMs = this.programTimeMs();
    return programMs === null ? null : (this.serverNowMs() - programMs) / 1000;
  }

  /** Plays or pauses. Who was away for long goes on where they were, and is offered the way to live. */
  togglePlay(): void {
    // While the engine is built anew the element is paused, and yet it is playing that is under way.
    const isStopped = this.#settling ? !this.#wantsPlay : this.#video.paused;
    if (isStopped || this.view.tap.value === 'play') {
      this.#wantsPlay = true;
      const behindMs = this.#behindMs() ?? 0;
      this.#following = behindMs < tuningFor(0).deadbandMs + 2000;
      this.sound.play();
    } else {
      this.#wantsPlay = false;
      this.#video.pause();
      this.view.paused.value = true;
    }
  }

  /** Goes to live and follows it again. */
  goLive(): void {
    this.#following = true;
    this.#wantsPlay = true;
    this.#seekLive();
    this.sound.play();
  }

  /** The viewer's tap on what the browser had refused. */
  tapped(): void {
    this.#wantsPlay = true;
    this.sound.tapped();
  }

  /** @param index into `view.levels`, or null for automatic */
  setQuality(index: number | null): void {
    this.view.chosen.value = index;
    remember({ qualityPx: index === null ? null : (this.view.levels.value[index]?.heightPx ?? null) });
    if (this.view.audioOnly.value) this.setAudioOnly(false);
    else if (index !== null) this.#levels.want(index);
  }

  /** Plays the sound alone, or picture and sound again. */
  setAudioOnly(audioOnly: boolean): void {
    if (audioOnly === this.view.audioOnly.value || (audioOnly && this.#audioUrl === null)) return;
    this.view.audioOnly.value = audioOnly;
    remember({ audioOnly });
    this.#rebuild();
  }

  #letGo(): void {
    this.#engine?.destroy();
    this.#engine = null;
  }

  #rebuild(): void {
    this.#engine?.destroy();
    this.#settling = true;
    this.#latency.reset();
    const url = this.view.audioOnly.value && this.#audioUrl !== null ? this.#audioUrl : this.#url;
    this.#engine = this.#makeEngine(this.#video, url, this.#events());
    this.#recovery = { ...this.#recovery, phaseSinceMs: performance.now() };
    if (this.#wantsPlay) this.sound.play();
  }

  #events(): LiveEngineEvents {
    return {
      onLevels: (levels) => this.#begin(levels),
      onPartTarget: (partTargetMs) => {
        this.#latency = new LatencyController(tuningFor(partTargetMs));
      },
      onAppended: () => this.#steer(),
      onTransfer: (transfer) => this.#levels.add(transfer),
      // In the middle of a segment a change would fetch its beginning again, so it waits for the end.
      onSegmentEnd: () => {
        const index = this.#levels.takeWanted();
        if (index !== null) this.#engine?.setLevel(index);
      },
      onLevel: (index) => {
        this.view.playing.value = index;
      },
      onFatal: (cause, status) => {
        if (status === 401 || status === 403) this.denials.mediaDenied();
        this.applyDenials();
        this.#recover({ kind: 'fatal', cause });
      },
    };
  }

  #begin(levels: readonly Level[]): void {
    const engine = this.#engine;
    if (engine === null) return;
    if (this.view.audioOnly.value && this.#audioUrl !== null) {
      engine.start(0);
      return;
    }
    const remembered = recall();
    const known = this.view.levels.value.length > 0;
    this.view.levels.value = levels;
    this.#audioUrl = engine.audioOnlyUrl();
    this.view.audioOnlyPossible.value = this.#audioUrl !== null;
    if (this.view.audioOnly.value && this.#audioUrl !== null) {
      this.#rebuild();
      return;
    }
    this.view.audioOnly.value = false;
    if (!known && remembered.qualityPx !== null) {
      const index = levels.findIndex((level) => level.heightPx === remembered.qualityPx);
      this.view.chosen.value = index === -1 ? null : index;
    }
    engine.start(this.view.chosen.value ?? this.#levels.start(levels));
  }

  #listen(): void {
    const video = this.#video;
    video.addEventListener('waiting', () => this.#ranDry());
    video.addEventListener('playing', () => {
      if (this.#lent) return;
      this.#settling = false;
      this.view.paused.value = false;
      this.#firstFrameMs ??= performance.now();
    });
    video.addEventListener('pause', () => {
      // By the browser's own controls: a picture-in-picture window, a headset, a phone call.
      if (!this.#settling) this.#wantsPlay = false;
      if (!this.#settling) this.view.paused.value = true;
    });
    addEventListener('online', () => this.#recover({ kind: 'online' }));
    addEventListener('offline', () => this.#recover({ kind: 'offline' }));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#look();
    });
  }

  #look(): void {
    if (this.#lent) return;
    const wallMs = Date.now();
    const slept = wallMs - this.#lookedAtMs > SLEPT_MS;
    this.#lookedAtMs = wallMs;
    if (slept) this.#recover({ kind: 'woke' });
    this.#steer();
    if (this.#looks++ % SLOW_EVERY !== 0) return;
    const moved = this.#video.currentTime !== this.#lastPlayhead && !this.#video.seeking;
    this.#lastPlayhead = this.#video.currentTime;
    const wanted = this.#wantsPlay && this.view.tap.value !== 'play' && this.#refusal === null;
    if (moved && !this.#video.paused) {
      this.denials.mediaServed();
      this.#recover({ kind: 'progress' });
    } else this.#recover({ kind: 'tick', wanted });
    this.#chooseLevel();
    this.#say();
  }

  /** Lets the latency controller set the speed, and jump. */
  #steer(): void {
    const video = this.#video;
    const now = performance.now();
    const playheadMs = video.currentTime * 1000;
    const { rate, seekToMs } = this.#latency.decide({
      nowMs: now,
      playheadMs,
      bufferEndMs: bufferEnd(video.buffered, video.currentTime) * 1000,
      moving: !video.paused && !video.seeking && video.readyState >= 3,
      following: this.#following && this.#wantsPlay,
    });
    if (seekToMs !== null) this.#seekTo(seekToMs / 1000);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  #seekTo(seconds: number): void {
    const live = this.#engine?.livePosition() ?? null;
    const inBuffer = this.#bufferEnd() - seconds > 0.05;
    if (inBuffer) this.#video.currentTime = seconds;
    else if (live !== null && live > this.#video.currentTime) this.#video.currentTime = live;
  }

  #seekLive(): void {
    const behindMs = this.#behindMs();
    if (behindMs !== null && behindMs > 0 && this.#bufferEnd() > this.#video.currentTime + 0.2) {
      this.#seekTo(this.#video.currentTime + behindMs / 1000);
    } else {
      this.#seekTo(Number.POSITIVE_INFINITY);
    }
  }

  #bufferEnd(): number {
    return bufferEnd(this.#video.buffered, this.#video.currentTime);
  }

  #behindMs(): number | null {
    return this.#latency.behindMs(performance.now(), this.#video.currentTime * 1000);
  }

  #ranDry(): void {
    const now = performance.now();
    if (this.#settling || this.#firstFrameMs === null || !this.#wantsPlay) return;
    if (!this.#stalls.waits(now)) return;
    this.#latency.stalled(now);
    this.#levels.stalled(now);
  }

  #recover(event: RecoveryEvent): void {
    const now = performance.now();
    const { state, action } = recover(this.#recovery, event, now, Math.random());
    this.#recovery = state;
    if (this.#refusal !== null || this.#lent) return;
    switch (action) {
      case 'none':
        return;
      case 'go-live':
        if (this.#following && this.#wantsPlay && (this.#behindMs() ?? 9999) > 1000) this.#seekLive();
        return;
      case 'resume':
        this.#engine?.resume();
        if (this.#wantsPlay) this.sound.play();
        return;
      case 'recover-media':
      case 'swap-codec':
        this.#settling = true;
        this.#latency.reset();
        this.#engine?.recoverMedia(action === 'swap-codec');
        return;
      case 'rebuild':
        this.#rebuilds++;
        this.#rebuild();
        return;
    }
  }

  #chooseLevel(): void {
    const { levels, playing, chosen, audioOnly } = this.view;
    if (this.#recovery.phase !== 'fine') return;
    this.#levels.plan(levels.value, playing.value, chosen.value);
    if (audioOnly.value) this.#levels.takeWanted();
  }

  #say(): void {
    const now = performance.now();
    const video = this.#video;
    const engine = this.#engine;
    const programMs = this.programTimeMs();
    const run = programMs === null || engine === null ? null : runAt(engine.runs(), programMs);
    const { phase, offline, movedAtMs } = this.#recovery;
    const stillMs = now - movedAtMs;
    this.view.state.value = liveState({
      refusal: this.#refusal,
      phase,
      stillMs,
      offline,
      paused: !this.#wantsPlay || this.view.tap.value === 'play',
      runState: run?.state ?? null,
      apiState: this.view.channel.value?.state ?? null,
    });
    this.view.waiting.value = phase !== 'fine' && stillMs > 500 && this.#wantsPlay && this.#refusal === null;
    const behindMs = this.#behindMs();
    if (!this.#following && behindMs !== null && behindMs < 1500) this.#following = true;
    this.view.behindS.value = this.#following || behindMs === null ? 0 : Math.round(behindMs / 1000);
    const latencyS = this.latencySeconds();
    this.view.stats.value = {
      ...elementStats(video),
      ...this.#levels.stats(now),
      latencyMs: latencyS === null ? null : latencyS * 1000,
      behindGoalMs: behindMs,
      jitterMs: this.#latency.jitterMs(),
      stalls: this.#stalls.count,
      rebuilds: this.#rebuilds,
      firstFrameMs: this.#firstFrameMs === null ? null : this.#firstFrameMs - this.#openedAtMs,
    };
  }
}
