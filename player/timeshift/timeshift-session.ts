import { levelOfHeight } from '../abr/levels.ts';
import { RecoveryDriver } from '../playback/recovery-driver.ts';
import { recall, recentBps, remember } from '../playback/remembered.ts';
import type { Run } from '../playback/run-at.ts';
import type { SoundView } from '../playback/sound-view.ts';
import type { Sound } from '../playback/sound.ts';
import { viewHeightPx } from '../playback/view-height.ts';
import type { TimeshiftEngine, TimeshiftEngineFactory } from './timeshift-engine.ts';
import { type TimeshiftEnd, TimeshiftPosition } from './timeshift-position.ts';
import { type TimeshiftRefusal, refusalOf, timeshiftState } from './timeshift-state.ts';
import { type TimeshiftView, createTimeshiftView } from './timeshift-view.ts';

/** What a timeshift session plays, and with what. */
export type TimeshiftOptions = {
  readonly video: HTMLVideoElement;
  /** Of the multivariant playlist; asked for each new engine, since a token in it expires. */
  readonly url: () => string;
  readonly makeEngine: TimeshiftEngineFactory;
  readonly sound: Sound;
  readonly soundView: SoundView;
  /** Where to start, milliseconds since the beginning. */
  readonly startMs: number;
  /** The same as UTC milliseconds, where that is known exactly; null where it is not. */
  readonly startProgramMs: number | null;
  /** 1 is the speed of the class. */
  readonly speed: number;
  /**
   * Where it ends, when that is not the end of the playlist: a class on air has no end yet, and after one that is over its
   * channel's playlist continues. Null for the playlist's own end.
   */
  readonly end: () => TimeshiftEnd | null;
};

/** A recording that could not be decoded this often, before its first picture, is none for this browser. */
const UNPLAYABLE_AFTER = 3;
/** How often the measured bit rate is stored for the next visit, in milliseconds. */
const STORE_RATE_EVERY_MS = 5000;

/** Plays a recording, or a class on air from an earlier time, in one video element: seeks, changes speed, recovers from failures. */
export class TimeshiftSession {
  readonly view: TimeshiftView;
  readonly #options: TimeshiftOptions;
  readonly #driver: RecoveryDriver<TimeshiftEngine>;
  readonly #position: TimeshiftPosition;
  readonly #listening = new AbortController();
  #refusal: TimeshiftRefusal | null = null;
  #failedStatuses: (number | null)[] = [];
  #hasEnded = false;
  #startProgramMs: number | null;
  #engineUrl = '';
  #rateStoredAtMs = 0;
  /** Failures to decode before the first picture. */
  #unplayed = 0;

  /** Starts to play at once. */
  constructor(options: TimeshiftOptions) {
    const { video, sound, soundView, startMs, startProgramMs, speed, end } = options;
    this.#options = options;
    this.#startProgramMs = startProgramMs;
    this.view = createTimeshiftView(soundView, speed);
    this.view.paused.value = false;
    const engine = () => this.#driver.engine;
    this.#position = new TimeshiftPosition({ video, view: this.view, engine, end, startMs });
    this.#driver = new RecoveryDriver({
      ...{ video, sound, view: this.view, loadingIsProgress: true },
      makeEngine: () => this.#engine(),
      onPoll: (hasMoved) => this.#polled(hasMoved),
    });
    const { signal } = this.#listening;
    video.addEventListener('loadeddata', () => this.#position.loaded(), { signal });
    video.addEventListener(
      'ended',
      () => {
        if (video.ended) this.#finish();
        // The viewer sought away in the moment in which the end was reached: the browser has paused all the same.
        else this.#driver.play();
      },
      { signal },
    );
    this.#driver.start();
  }

  /** Stops playing and releases the video element. */
  destroy(): void {
    this.#listening.abort();
    this.#driver.destroy();
    const { video } = this.#options;
    video.defaultPlaybackRate = 1;
    video.playbackRate = 1;
  }

  /** Stops, and shows why it cannot be played. */
  refuse(refusal: TimeshiftRefusal): void {
    this.#refusal = refusal;
    this.#driver.stop();
    this.#updateView();
  }

  /** Plays or pauses; at the end it plays from the beginning. */
  togglePlay(): void {
    if (this.#hasEnded) this.seekTo(0);
    else if (this.#driver.isPaused) this.#driver.play();
    else this.#driver.pause();
  }

  /** @param positionMs milliseconds since the beginning. After the end it plays on from there. */
  seekTo(positionMs: number): void {
    this.#position.seekTo(positionMs);
    if (!this.#hasEnded) return;
    this.#setEnded(false);
    this.#driver.play();
  }

  /** @param speed 1 is the speed of the class */
  setSpeed(speed: number): void {
    this.view.speed.value = speed;
    const { video } = this.#options;
    // The element falls back to its default with each new source.
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

  /** The viewer tapped the button that the browser made necessary. */
  tapped(): void {
    this.#driver.tapped();
  }

  /** @param index into `view.levels`, or null for automatic */
  setQuality(index: number | null): void {
    this.view.chosen.value = index;
    remember({ qualityPx: index === null ? null : (this.view.levels.value[index]?.heightPx ?? null) });
    this.#driver.engine?.setLevel(index);
  }

  /** Does nothing: here picture and sound are always played together. */
  setAudioOnly(): void {
    this.view.audioOnly.value = false;
  }

  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null {
    return this.#driver.engine?.programTimeMs(this.#options.video.currentTime) ?? null;
  }

  /** The runs of the playlist. */
  runs(): readonly Run[] {
    return this.#driver.engine?.runs() ?? [];
  }

  #engine(): TimeshiftEngine {
    const { video, url, makeEngine } = this.#options;
    this.setSpeed(this.view.speed.value);
    const remembered = recall();
    const start = {
      atS: this.#position.restart() / 1000,
      programMs: this.#startProgramMs,
      qualityPx: remembered.qualityPx,
      bps: recentBps(remembered, Date.now()),
    };
    // It tells where the first engine starts; a later one starts where the one before it stopped.
    this.#startProgramMs = null;
    this.#engineUrl = url();
    return makeEngine(video, this.#engineUrl, start, {
      onLevels: (levels) => {
        this.view.levels.value = levels;
        this.view.chosen.value = levelOfHeight(levels, start.qualityPx);
      },
      onLevel: (index) => {
        this.view.playing.value = index;
      },
      onFatal: (cause, status, told) => {
        if ((status === 401 || status === 403) && url() !== this.#engineUrl) {
          this.#driver.rebuild();
          return;
        }
        this.#failedStatuses = [...this.#failedStatuses, status].slice(-3);
        if (cause === 'media' && !this.#position.hasPicture) this.#unplayed++;
        const refusal = this.#unplayed >= UNPLAYABLE_AFTER ? 'unsupported' : refusalOf(this.#failedStatuses);
        if (refusal === null) this.#driver.failed(cause, told);
        else this.refuse(refusal);
      },
    });
  }

  #finish(): void {
    if (this.#hasEnded) return;
    this.#setEnded(true);
    this.#options.video.pause();
    this.#position.moveToEnd();
  }

  #setEnded(hasEnded: boolean): void {
    this.#hasEnded = hasEnded;
    this.#driver.setEnded(hasEnded);
    this.#updateView();
  }

  #polled(hasMoved: boolean): void {
    const { video } = this.#options;
    const { engine } = this.#driver;
    if (this.#position.measure(this.#hasEnded)) this.#finish();
    if (hasMoved) {
      this.#failedStatuses = [];
      this.#storeRate(engine?.bps() ?? null);
    }
    engine?.setViewHeight(viewHeightPx(video));
    this.#updateView();
  }

  #storeRate(bps: number | null): void {
    const nowMs = Date.now();
    if (bps === null || nowMs - this.#rateStoredAtMs <= STORE_RATE_EVERY_MS) return;
    this.#rateStoredAtMs = nowMs;
    remember({ bps, bpsAtMs: nowMs });
  }

  #updateView(): void {
    this.view.state.value = timeshiftState({
      ...this.#driver.standstill(),
      refusal: this.#refusal,
      ended: this.#hasEnded,
      begun: this.#position.hasPicture,
    });
    this.view.waiting.value = this.#driver.isWaiting;
  }
}
