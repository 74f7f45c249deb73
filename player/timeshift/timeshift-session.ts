import type { Level } from '../abr/levels.ts';
import { bufferEnd } from '../playback/buffered.ts';
import { type RecoveryEvent, type RecoveryState, recover, startRecovery } from '../playback/recovery.ts';
import { recall, recentBps, remember } from '../playback/remembered.ts';
import type { Run } from '../playback/run-at.ts';
import type { Sound, SoundView } from '../playback/sound.ts';
import type { TimeshiftEngine, TimeshiftEngineFactory } from './timeshift-engine.ts';
import { type TimeshiftRefusal, timeshiftState, refusalOf } from './timeshift-state.ts';
import { type TimeshiftView, createTimeshiftView } from './timeshift-view.ts';
import { stepped } from './seek-bar.ts';

/** What a session of the past plays, and with what. */
export type TimeshiftOptions = {
  readonly video: HTMLVideoElement;
  /** Multivariant playlist. */
  readonly url: string;
  readonly makeEngine: TimeshiftEngineFactory;
  readonly sound: Sound;
  readonly soundView: SoundView;
  /** Where to begin, milliseconds since the beginning. */
  readonly startMs: number;
  /** The same as a date, UTC milliseconds, where that is known better; null without. */
  readonly startProgramMs: number | null;
  readonly speed: number;
  /**
   * Where it ends, when that is not where the playlist ends: a class on air has no end yet, and one that is over goes on
   * in its channel's playlist. UTC milliseconds; null for the playlist's own end.
   */
  readonly end: () => { readonly atMs: number; readonly isFinal: boolean } | null;
};

/** How often the playhead is looked at, in milliseconds. */
const LOOK_MS = 250;
/** How often the line's rate is put down for the next visit, in milliseconds. */
const NOTE_EVERY_MS = 5000;
/** The playhead need not come closer to an end than this, in milliseconds. */
const END_SLACK_MS = 150;

/** Plays something of the past in one video element: seeks, changes speed, and gets over failures by itself. */
export class TimeshiftSession {
  readonly view: TimeshiftView;
  readonly #options: TimeshiftOptions;
  readonly #listening = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #engine: TimeshiftEngine | null = null;
  #recovery: RecoveryState = startRecovery(performance.now());
  #refusal: TimeshiftRefusal | null = null;
  #statuses: (number | null)[] = [];
  #wantsPlay = true;
  #ended = false;
  #begun = false;
  /** An engine is being put in: the element pauses by itself, which is not the viewer's doing. */
  #settling = true;
  #lastPlayheadS = 0;
  #lastBufferS = 0;
  #notedAtMs = 0;
  /** Where to be, in milliseconds, while the engine is not so far; null once it is. */
  #wantedMs: number | null;

  /** Begins to play at once. */
  constructor(options: TimeshiftOptions) {
    this.#options = options;
    this.#wantedMs = options.startMs;
    this.view = createTimeshiftView(options.soundView, options.speed);
    this.view.positionMs.value = options.startMs;
    this.view.paused.value = false;
    this.#listen();
    this.#build(options.startProgramMs);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Stops playing and lets go of the video element. */
  destroy(): void {
    clearInterval(this.#timer);
    this.#listening.abort();
    this.#engine?.destroy();
    this.#engine = null;
    const { video } = this.#options;
    video.defaultPlaybackRate = 1;
    video.playbackRate = 1;
  }

  /** Says why it cannot be played. */
  refuse(refusal: TimeshiftRefusal): void {
    this.#refusal = refusal;
    this.#engine?.destroy();
    this.#engine = null;
    this.#say();
  }

  /** Plays or pauses; at the end it plays from the beginning. */
  togglePlay(): void {
    const { video, sound } = this.#options;
    const isStopped = this.#settling ? !this.#wantsPlay : video.paused;
    if (this.#ended) this.seekTo(0);
    else if (isStopped || this.view.tap.value === 'play') {
      this.#wantsPlay = true;
      sound.play();
    } else {
      this.#wantsPlay = false;
      video.pause();
      this.view.paused.value = true;
    }
  }

  /** Goes to a time, in milliseconds since the beginning. What has ended plays again. */
  seekTo(positionMs: number): void {
    const { lengthMs } = this.view;
    const wantedMs = Math.max(0, lengthMs.value > 0 ? Math.min(positionMs, lengthMs.value) : positionMs);
    const originS = this.#engine?.range()?.startS;
    this.view.positionMs.value = wantedMs;
    if (originS === undefined || !this.#begun) this.#wantedMs = wantedMs;
    else this.#options.video.currentTime = originS + wantedMs / 1000;
    if (!this.#ended) return;
    this.#ended = false;
    this.#wantsPlay = true;
    this.#say();
    this.#options.sound.play();
  }

  /** Goes on or back by some milliseconds. */
  seekBy(stepMs: number): void {
    const { positionMs, lengthMs } = this.view;
    this.seekTo(stepped({ positionMs: positionMs.value, lengthMs: lengthMs.value }, stepMs));
  }

  /** @param speed 1 is as it was taught */
  setSpeed(speed: number): void {
    this.view.speed.value = speed;
    const { video } = this.#options;
    // The default is what the element falls back to with each new source.
    video.defaultPlaybackRate = speed;
    video.playbackRate = speed;
  }

  /** Turns the sound off or on. */
  setMuted(muted: boolean): void {
    this.#options.sound.setMuted(muted);
  }

  /** @param volume 0 to 1 */
  setVolume(volume: number): void {
    this.#options.sound.setVolume(volume);
  }

  /** The viewer's tap on what the browser had refused. */
  tapped(): void {
    this.#wantsPlay = true;
    this.#options.sound.tapped();
  }

  /** @param index into `view.levels`, or null for automatic */
  setQuality(index: number | null): void {
    this.view.chosen.value = index;
    remember({ qualityPx: index === null ? null : (this.view.levels.value[index]?.heightPx ?? null) });
    this.#engine?.setLevel(index);
  }

  /** Picture and sound always go together here. */
  setAudioOnly(): void {
    this.view.audioOnly.value = false;
  }

  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null {
    return this.#engine?.programTimeMs(this.#options.video.currentTime) ?? null;
  }

  /** Program date time of the beginning, UTC milliseconds; null while unknown. */
  beginMs(): number | null {
    const startS = this.#engine?.range()?.startS;
    return startS === undefined ? null : (this.#engine?.programTimeMs(startS) ?? null);
  }

  /** Stretches on air that the playlist tells of. */
  runs(): readonly Run[] {
    return this.#engine?.runs() ?? [];
  }

  #build(programMs: number | null = null): void {
    const { video, url, makeEngine, sound } = this.#options;
    this.#engine?.destroy();
    this.#settling = true;
    this.setSpeed(this.view.speed.value);
    const remembered = recall();
    const start = {
      atS: (this.#wantedMs ?? this.view.positionMs.value) / 1000,
      programMs,
      qualityPx: remembered.qualityPx,
      bps: recentBps(remembered, Date.now()),
    };
    this.#begun = false;
    this.#wantedMs = null;
    this.#engine = makeEngine(video, url, start, {
      onLevels: (levels) => this.#levelsCame(levels, remembered.qualityPx),
      onLevel: (index) => {
        this.view.playing.value = index;
      },
      onFatal: (cause, status) => {
        this.#statuses = [...this.#statuses, status].slice(-3);
        const refusal = refusalOf(this.#statuses);
        if (refusal === null) this.#recover({ kind: 'fatal', cause });
        else this.refuse(refusal);
      },
    });
    this.#recovery = { ...this.#recovery, phaseSinceMs: performance.now() };
    if (this.#wantsPlay) sound.play();
  }

  #levelsCame(levels: readonly Level[], qualityPx: number | null): void {
    this.view.levels.value = levels;
    const chosen = levels.findIndex(({ heightPx }) => heightPx === qualityPx);
    this.view.chosen.value = chosen === -1 ? null : chosen;
  }

  #listen(): void {
    const { video } = this.#options;
    const { signal } = this.#listening;
    const on = (target: EventTarget, name: string, act: () => void) =>
      target.addEventListener(name, act, { signal });
    on(video, 'playing', () => {
      this.#settling = false;
      this.view.paused.value = false;
    });
    on(video, 'pause', () => {
      // By the browser's own controls as well: a picture-in-picture window, a headset, a phone call.
      if (this.#settling) return;
      this.#wantsPlay = false;
      this.view.paused.value = true;
    });
    on(video, 'play', () => {
      if (!this.#settling) this.#wantsPlay = true;
    });
    on(video, 'ended', () => {
      if (video.ended) this.#finish();
      else {
        // Sought away from the end in the very moment in which it was reached: the browser has paused it all the same.
        this.#wantsPlay = true;
        this.#options.sound.play();
      }
    });
    on(video, 'loadeddata', () => {
      this.#begun = true;
      if (this.#wantedMs !== null) {
        const wantedMs = this.#wantedMs;
        this.#wantedMs = null;
        this.seekTo(wantedMs);
      }
    });
    on(globalThis, 'online', () => this.#recover({ kind: 'online' }));
    on(globalThis, 'offline', () => this.#recover({ kind: 'offline' }));
    on(document, 'visibilitychange', () => this.#look());
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.video.pause();
    this.view.positionMs.value = this.view.lengthMs.value;
    this.#say();
  }

  #look(): void {
    const { video } = this.#options;
    this.#measure();
    const bufferS = bufferEnd(video.buffered, video.currentTime);
    const moved = video.currentTime !== this.#lastPlayheadS && !video.seeking && !video.paused;
    const loaded = bufferS > this.#lastBufferS && video.currentTime >= this.#lastPlayheadS;
    this.#lastPlayheadS = video.currentTime;
    this.#lastBufferS = bufferS;
    const wanted =
      this.#wantsPlay && this.view.tap.value !== 'play' && this.#refusal === null && !this.#ended;
    if (moved || (loaded && this.#recovery.phase !== 'fine')) {
      if (moved) this.#statuses = [];
      if (moved) this.#recover({ kind: 'progress' });
      else this.#recovery = { ...this.#recovery, phaseSinceMs: performance.now() };
    } else this.#recover({ kind: 'tick', wanted });
    const bps = this.#engine?.bps() ?? null;
    if (moved && bps !== null && Date.now() - this.#notedAtMs > NOTE_EVERY_MS) {
      this.#notedAtMs = Date.now();
      remember({ bps, bpsAtMs: this.#notedAtMs });
    }
    this.#engine?.setViewHeight(Math.round(video.clientHeight * Math.min(2, devicePixelRatio || 1)));
    this.#say();
  }

  /** Where the playhead is, and how far it may go. */
  #measure(): void {
    const { video } = this.#options;
    const range = this.#engine?.range() ?? null;
    if (range === null) return;
    const { positionMs, lengthMs, bufferedToMs } = this.view;
    const msOf = (seconds: number) => Math.max(0, (seconds - range.startS) * 1000);
    const end = this.#options.end();
    const beginMs = end === null ? null : this.beginMs();
    lengthMs.value = end === null || beginMs === null ? msOf(range.endS) : Math.max(0, end.atMs - beginMs);
    if (!this.#begun || this.#ended) return;
    positionMs.value = Math.min(lengthMs.value, msOf(video.currentTime));
    bufferedToMs.value = Math.min(lengthMs.value, msOf(bufferEnd(video.buffered, video.currentTime)));
    if (end?.isFinal === true && positionMs.value >= lengthMs.value - END_SLACK_MS) this.#finish();
  }

  #recover(event: RecoveryEvent): void {
    const { state, action } = recover(this.#recovery, event, performance.now(), Math.random());
    this.#recovery = state;
    if (this.#refusal !== null || this.#ended) return;
    switch (action) {
      case 'resume':
        this.#engine?.resume();
        if (this.#wantsPlay) this.#options.sound.play();
        return;
      case 'recover-media':
      case 'swap-codec':
        this.#settling = true;
        this.#engine?.recoverMedia(action === 'swap-codec');
        return;
      case 'rebuild':
        this.#wantedMs ??= this.view.positionMs.value;
        this.#build();
        return;
      case 'none':
      case 'go-live':
    }
  }

  #say(): void {
    const { phase, offline, movedAtMs } = this.#recovery;
    const stillMs = performance.now() - movedAtMs;
    const paused = !this.#wantsPlay || this.view.tap.value === 'play';
    const refusal = this.#refusal;
    this.view.state.value = timeshiftState({
      ...{ refusal, phase, stillMs, offline, paused },
      ...{ ended: this.#ended, begun: this.#begun },
    });
    this.view.waiting.value =
      phase !== 'fine' && stillMs > 500 && !paused && refusal === null && !this.#ended;
  }
}
