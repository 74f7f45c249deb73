import { bufferEnd } from './buffered.ts';
import type { Engine, FailureCause } from './engine.ts';
import {
  type RecoveryAction,
  type RecoveryEvent,
  type RecoveryState,
  recover,
  startRecovery,
} from './recovery.ts';
import type { Sound } from './sound.ts';
import type { SoundView } from './sound-view.ts';
import type { ToldWait } from './told-wait.ts';

/** What a session gives its driver. */
export type RecoveryDriverOptions<E extends Engine> = {
  readonly video: HTMLVideoElement;
  readonly sound: Sound;
  readonly view: SoundView;
  readonly makeEngine: () => E;
  /** Media that arrives while the picture still stands is progress: a seek in a recording may load for long. */
  readonly loadingIsProgress: boolean;
  /** The decoder is reset: media times start anew. */
  readonly onMediaReset?: () => void;
  /** The playhead is behind live although playback is fine; left out where there is no live. */
  readonly goLive?: () => void;
  /**
   * The system had paused and plays again: a headset, a phone call, a picture-in-picture window. Left out where playback goes on
   * where it was; with it, what the system paused while the page was away plays again when the page is back.
   */
  readonly onSystemResume?: () => void;
  /** Four times a second, after recovery has been decided. `hasMoved` tells whether the playhead moved since the last time. */
  readonly onPoll: (hasMoved: boolean) => void;
};

/** Why the page has to say something about playback. */
export type Standstill = {
  readonly phase: RecoveryState['phase'];
  readonly offline: boolean;
  /** The server has no room, and the page waits as long as it was told. */
  readonly full: boolean;
  /** How long the picture has stood still though it should not, in milliseconds. */
  readonly stillMs: number;
  /** The viewer paused, or the browser waits for a tap. */
  readonly paused: boolean;
};

/** How often playback is looked at, in milliseconds. */
export const POLL_MS = 250;
/** A poll this late means that the machine slept or the page was frozen. */
const SLEPT_MS = 5000;
/** A pause this soon before the page is hidden belongs to it, in milliseconds: systems pause first and then hide, or the reverse. */
const PAUSED_AS_HIDDEN_MS = 1500;
/** A spinner is shown after this, in milliseconds. */
const SPINNER_AFTER_MS = 500;

/**
 * Keeps one engine in one video element playing: owns the engine, the recovery state, the poll timer, and the browser's events
 * about the network, the page's visibility, and playback. {@link recover} decides; this carries it out.
 */
export class RecoveryDriver<E extends Engine> {
  readonly #options: RecoveryDriverOptions<E>;
  readonly #listening = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;
  #engine: E | null = null;
  #state: RecoveryState = startRecovery(performance.now());
  #wantsPlay = true;
  #hasEnded = false;
  /** The system has paused, and when (performance.now); null where the viewer has, or nobody. */
  #systemPausedAtMs: number | null = null;
  /** It did so while the page was hidden: the viewer was elsewhere. */
  #wasPausedAway = false;
  /** An engine is being attached: the element pauses by itself, which is not the viewer's doing. */
  #isSettling = true;
  #rebuilds = 0;
  #lastPlayheadS = 0;
  #lastBufferS = 0;
  #polledAtMs = Date.now();

  constructor(options: RecoveryDriverOptions<E>) {
    this.#options = options;
    this.#listen();
  }

  /** The engine that plays; null while stopped. */
  get engine(): E | null {
    return this.#engine;
  }

  /** The viewer wants to play, whether or not it does. */
  get wantsPlay(): boolean {
    return this.#wantsPlay;
  }

  /** An engine is being attached, so that the element's own events say nothing about the viewer. */
  get isSettling(): boolean {
    return this.#isSettling;
  }

  /** Playback is not running: the viewer paused it, or the browser waits for a tap. */
  get isPaused(): boolean {
    const isPaused = this.#isSettling ? !this.#wantsPlay : this.#options.video.paused;
    return isPaused || this.#options.view.tap.value === 'play';
  }

  /** The system has paused, and not the viewer by the page's own controls. */
  get isPausedBySystem(): boolean {
    return this.#systemPausedAtMs !== null;
  }

  /** The picture stands still, long enough for a spinner. */
  get isWaiting(): boolean {
    const { phase, stillMs } = this.standstill();
    return this.#isWanted() && phase !== 'fine' && stillMs > SPINNER_AFTER_MS;
  }

  /** How often a new engine was made because nothing else helped. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  /** What the page says about playback follows from this. */
  standstill(): Standstill {
    const { phase, offline, full, movedAtMs } = this.#state;
    const paused = !this.#wantsPlay || this.#options.view.tap.value === 'play';
    return { phase, offline, full, stillMs: performance.now() - movedAtMs, paused };
  }

  /** Makes the first engine and starts to poll. To be called once. */
  start(): void {
    this.rebuild();
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
  }

  /** Makes a new engine in place of the present one. */
  rebuild(): void {
    this.#engine?.destroy();
    this.#isSettling = true;
    this.#engine = this.#options.makeEngine();
    this.#state = { ...this.#state, phaseSinceMs: performance.now() };
    if (this.#wantsPlay) this.#options.sound.play();
  }

  /** Forgets all failures and a pause of the viewer: the next {@link rebuild} plays. */
  reset(): void {
    this.#state = startRecovery(performance.now());
    this.#wantsPlay = true;
    this.#systemPausedAtMs = null;
  }

  /** Destroys the engine. Nothing is recovered until {@link rebuild}; the video element may be used by others. */
  stop(): void {
    this.#isSettling = true;
    this.#engine?.destroy();
    this.#engine = null;
  }

  /** Stops for good. */
  destroy(): void {
    clearInterval(this.#timer);
    this.#listening.abort();
    this.stop();
  }

  /** Plays, as the viewer wants. */
  play(): void {
    this.#wantsPlay = true;
    this.#systemPausedAtMs = null;
    this.#options.sound.play();
  }

  /** The viewer tapped the button that the browser made necessary. */
  tapped(): void {
    this.#wantsPlay = true;
    this.#options.sound.tapped();
  }

  /** Pauses, as the viewer wants. */
  pause(): void {
    this.#wantsPlay = false;
    this.#systemPausedAtMs = null;
    this.#options.video.pause();
    this.#options.view.paused.value = true;
  }

  /** @param hasEnded playback reached its end, where standing still is right */
  setEnded(hasEnded: boolean): void {
    this.#hasEnded = hasEnded;
  }

  /**
   * The engine gave up.
   *
   * @param told the wait that a server asks for; null where it does not
   */
  failed(cause: FailureCause, told: ToldWait | null): void {
    this.#recover({ kind: 'fatal', cause, told });
  }

  #isWanted(): boolean {
    return this.#engine !== null && !this.#hasEnded && !this.standstill().paused;
  }

  #listen(): void {
    const { video, view } = this.#options;
    const { signal } = this.#listening;
    const on = (target: EventTarget, name: string, act: () => void) =>
      target.addEventListener(name, act, { signal });
    on(video, 'playing', () => {
      if (this.#engine === null) return;
      this.#isSettling = false;
      view.paused.value = false;
    });
    // Another source is loaded: what the element reports until it plays is not anybody's wish.
    on(video, 'emptied', () => {
      this.#isSettling = true;
    });
    on(video, 'pause', () => {
      // An element that failed stops by itself.
      if (this.#isSettling || video.error !== null) return;
      // By the browser's own controls: a picture-in-picture window, a headset, a phone call.
      if (this.#wantsPlay && !video.ended && !this.#hasEnded) {
        this.#systemPausedAtMs = performance.now();
        this.#wasPausedAway = document.visibilityState === 'hidden' && !isInPictureInPicture(video);
      }
      this.#wantsPlay = false;
      view.paused.value = true;
    });
    on(video, 'play', () => {
      if (this.#isSettling) return;
      this.#wantsPlay = true;
      if (this.#systemPausedAtMs === null) return;
      this.#systemPausedAtMs = null;
      this.#options.onSystemResume?.();
    });
    on(globalThis, 'online', () => this.#recover({ kind: 'online' }));
    on(globalThis, 'offline', () => this.#recover({ kind: 'offline' }));
    on(document, 'visibilitychange', () => this.#resumeWhenBack());
    on(globalThis, 'pageshow', () => this.#resumeWhenBack());
    on(document, 'visibilitychange', () => {
      // The timer of a hidden page runs late, so a page that becomes visible does not wait for it.
      if (this.#timer !== undefined && document.visibilityState === 'visible') this.#poll();
    });
  }

  #resumeWhenBack(): void {
    const { onSystemResume } = this.#options;
    const pausedAtMs = this.#systemPausedAtMs;
    if (pausedAtMs === null || this.#engine === null) return;
    if (document.visibilityState === 'hidden') {
      if (performance.now() - pausedAtMs < PAUSED_AS_HIDDEN_MS) this.#wasPausedAway = true;
      return;
    }
    if (!this.#wasPausedAway || onSystemResume === undefined) return;
    this.play();
    onSystemResume();
  }

  #poll(): void {
    const wallMs = Date.now();
    const hasSlept = wallMs - this.#polledAtMs > SLEPT_MS;
    this.#polledAtMs = wallMs;
    if (hasSlept) this.#recover({ kind: 'woke' });
    this.#options.onPoll(this.#judge());
  }

  /** Reports to recovery what the playhead did since the last poll; true when it moved. */
  #judge(): boolean {
    const { video, loadingIsProgress } = this.#options;
    const { currentTime } = video;
    const bufferS = bufferEnd(video.buffered, currentTime);
    const hasMoved =
      this.#engine !== null && currentTime !== this.#lastPlayheadS && !video.seeking && !video.paused;
    const hasLoaded = bufferS > this.#lastBufferS && currentTime >= this.#lastPlayheadS;
    this.#lastPlayheadS = currentTime;
    this.#lastBufferS = bufferS;
    if (hasMoved) this.#recover({ kind: 'progress' });
    else if (loadingIsProgress && hasLoaded && this.#state.phase !== 'fine')
      this.#state = { ...this.#state, phaseSinceMs: performance.now() };
    else this.#recover({ kind: 'tick', wanted: this.#isWanted() });
    return hasMoved;
  }

  #recover(event: RecoveryEvent): void {
    const { state, action } = recover(this.#state, event, performance.now(), Math.random());
    this.#state = state;
    if (this.#engine !== null && !this.#hasEnded) this.#carryOut(action, this.#engine);
  }

  #carryOut(action: RecoveryAction, engine: E): void {
    switch (action) {
      case 'none':
        return;
      case 'go-live':
        this.#options.goLive?.();
        return;
      case 'resume':
        engine.resume();
        if (this.#wantsPlay) this.#options.sound.play();
        return;
      case 'recover-media':
      case 'swap-codec':
        this.#isSettling = true;
        this.#options.onMediaReset?.();
        engine.recoverMedia(action === 'swap-codec');
        return;
      case 'rebuild':
        this.#rebuilds++;
        this.rebuild();
        return;
    }
  }
}

/** Whether the picture is in a window of its own, whose button pauses it. */
function isInPictureInPicture(video: HTMLVideoElement): boolean {
  return document.pictureInPictureElement === video;
}
