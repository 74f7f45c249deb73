import { type ReadonlySignal, effect, signal } from '@preact/signals';
import { fetchText } from '../../channel/api.ts';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { fileUrl, mediaUrl } from '../../channel/links.ts';
import { createHlsTimeshiftEngine } from '../../timeshift/hls-timeshift-engine.ts';
import { createNativeTimeshiftEngine } from '../../timeshift/native-timeshift-engine.ts';
import { TimeshiftSession } from '../../timeshift/timeshift-session.ts';
import { recallStop, rememberStop } from '../../timeshift/resume-memory.ts';
import { recallSpeed, rememberSpeed } from '../../timeshift/speeds.ts';
import { type Thumbnail, parseStoryboard } from '../../timeshift/storyboard.ts';
import { connectSystemControls } from '../../timeshift/system-controls.ts';
import { isHlsJsSupported, isNativeHlsSupported } from '../../playback/hls-support.ts';
import { createSoundView } from '../../playback/sound-view.ts';
import { Sound } from '../../playback/sound.ts';
import type { Rights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';

/** How often the viewer's position is stored, in milliseconds. */
const NOTE_EVERY_MS = 5000;

/** Plays the replay of one broadcast, and remembers where the viewer stopped. */
export class ReplayPlayer {
  /** The session that plays; null while there is nothing to play. */
  readonly session: ReadonlySignal<TimeshiftSession | null>;
  /** In order of time; none where there is no storyboard. */
  readonly thumbnails: ReadonlySignal<readonly Thumbnail[]>;
  /** Position at which the replay continued, in milliseconds; 0 at the beginning. */
  readonly resumedMs = signal(0);
  readonly #session = signal<TimeshiftSession | null>(null);
  readonly #thumbnails = signal<readonly Thumbnail[]>([]);
  readonly #video: HTMLVideoElement;
  readonly #rights: Rights;
  readonly #soundView = createSoundView();
  readonly #sound: Sound;
  #url: string | null = null;
  #stop: () => void = () => {};

  constructor(video: HTMLVideoElement, rights: Rights) {
    this.session = this.#session;
    this.thumbnails = this.#thumbnails;
    this.#video = video;
    this.#rights = rights;
    this.#sound = new Sound(video, this.#soundView);
  }

  /** Plays a broadcast's replay. One that plays already continues, unless it was trimmed meanwhile. */
  play(broadcast: BroadcastInfo): void {
    const { replay, poster } = broadcast;
    if (replay === null || replay === this.#url) return;
    this.close();
    this.#url = replay;
    if (poster !== null) this.#video.poster = fileUrl(poster, this.#rights.address.value);
    const key = `${broadcast.channel}/${broadcast.id}`;
    const startMs = recallStop(key);
    this.resumedMs.value = startMs;
    const isPlayable = isHlsJsSupported();
    const session = new TimeshiftSession({
      video: this.#video,
      url: () => mediaUrl(replay, this.#rights.address.value),
      makeEngine: isPlayable ? createHlsTimeshiftEngine : createNativeTimeshiftEngine,
      sound: this.#sound,
      soundView: this.#soundView,
      startMs,
      startProgramMs: null,
      speed: recallSpeed(),
      end: () => null,
    });
    if (!isPlayable && !isNativeHlsSupported(this.#video)) session.refuse('unsupported');
    this.#session.value = session;
    void this.#loadStoryboard(broadcast);
    const stopNoting = this.#note(session, key);
    const disconnectSystemControls = connectSystemControls(
      session,
      () => ({
        title: broadcast.title,
        artist: broadcast.teacher ?? '',
        album: t('app.name'),
        poster: poster === null ? null : fileUrl(poster, this.#rights.address.value),
      }),
      (positionMs) => session.seekTo(positionMs),
    );
    this.#stop = () => {
      stopNoting();
      disconnectSystemControls();
      session.destroy();
    };
  }

  /** Changes the speed, for this replay and the next. */
  setSpeed(speed: number): void {
    this.#session.value?.setSpeed(speed);
    rememberSpeed(speed);
  }

  /** Stops playing. */
  close(): void {
    this.#stop();
    this.#stop = () => {};
    this.#session.value = null;
    this.#thumbnails.value = [];
    this.#url = null;
  }

  #note(session: TimeshiftSession, key: string): () => void {
    const { positionMs, lengthMs, state, paused } = session.view;
    const note = () => {
      const known = state.peek() === 'playing' || state.peek() === 'ended';
      if (known && lengthMs.peek() > 0) rememberStop(key, positionMs.peek(), lengthMs.peek());
    };
    const timer = setInterval(() => {
      if (!paused.peek()) note();
    }, NOTE_EVERY_MS);
    const stopPaused = effect(() => {
      if (paused.value || state.value === 'ended') note();
    });
    // The only event that a phone reliably sends before it suspends a page.
    document.addEventListener('visibilitychange', note);
    addEventListener('pagehide', note);
    return () => {
      clearInterval(timer);
      stopPaused();
      document.removeEventListener('visibilitychange', note);
      removeEventListener('pagehide', note);
    };
  }

  async #loadStoryboard({ storyboard, replay }: BroadcastInfo): Promise<void> {
    if (storyboard === null) return;
    const text = await fetchText(storyboard, this.#rights.own);
    // Another replay may play by now.
    if (text !== null && replay === this.#url) this.#thumbnails.value = parseStoryboard(text, storyboard);
  }
}
