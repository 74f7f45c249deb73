import { LatencyController } from '../latency/latency-controller.ts';
import { type LatencyTuning, tuningFor } from '../latency/tuning.ts';
import { bufferEnd } from '../playback/buffered.ts';
import type { LiveEngine } from './live-engine.ts';

/** After a pause the playhead follows live where it is no further behind its goal than this, in milliseconds. */
const RESUME_BEHIND_MS = 2200;
/** A viewer who is no further behind than this follows live again, in milliseconds. */
const CAUGHT_UP_MS = 1500;
/** After a failure the playhead jumps to live from further behind than this, in milliseconds. */
const JUMP_BEHIND_MS = 1000;

/** Carries out what {@link LatencyController} decides: sets the speed of the video element, and seeks towards live. */
export class LiveFollower {
  readonly #video: HTMLVideoElement;
  readonly #engine: () => LiveEngine | null;
  #controller = new LatencyController(tuningFor(200));
  #isFollowing = true;

  /** @param engine the engine that plays now; null while there is none */
  constructor(video: HTMLVideoElement, engine: () => LiveEngine | null) {
    this.#video = video;
    this.#engine = engine;
  }

  /** False while the viewer watches from further back, on purpose. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Plays so from now on; what was learned about arrivals is forgotten. */
  tune(tuning: LatencyTuning): void {
    this.#controller = new LatencyController(tuning);
  }

  /** Forgets what was learned about arrivals: media times start anew. */
  reset(): void {
    this.#controller.reset();
  }

  /** Playback ran dry. */
  stalled(nowMs: number): void {
    this.#controller.stalled(nowMs);
  }

  /**
   * Sets the speed, and jumps where that is needed. To be called when media was appended, and at least ten times a second.
   *
   * @param wantsPlay false while the viewer has paused
   */
  steer(wantsPlay: boolean): void {
    const video = this.#video;
    const edgeS = this.#engine()?.edge() ?? null;
    const { rate, seekToMs } = this.#controller.decide({
      nowMs: performance.now(),
      playheadMs: video.currentTime * 1000,
      bufferEndMs: this.#bufferEndS() * 1000,
      edgeMs: edgeS === null ? null : edgeS * 1000,
      ready: !video.paused && !video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA,
      moving: !video.paused && !video.seeking && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA,
      following: this.#isFollowing && wantsPlay,
    });
    if (seekToMs !== null) this.#seekTo(seekToMs / 1000);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  /** How far the playhead is behind its goal, in milliseconds; null while unknown. */
  behindMs(): number | null {
    return this.#controller.behindMs(performance.now(), this.#video.currentTime * 1000);
  }

  /** Jitter of arrivals, in milliseconds. */
  jitterMs(): number {
    return this.#controller.jitterMs();
  }

  /** The viewer plays after a pause: after a long one she stays where she was. */
  resume(): void {
    this.#isFollowing = (this.behindMs() ?? 0) < RESUME_BEHIND_MS;
  }

  /** Follows live from the next decision on, without a jump. */
  follow(): void {
    this.#isFollowing = true;
  }

  /** Follows live again where the viewer has caught up by herself. */
  followIfClose(): void {
    const behindMs = this.behindMs();
    if (behindMs !== null && behindMs < CAUGHT_UP_MS) this.#isFollowing = true;
  }

  /** Jumps to live, where the playhead follows it and is far behind. */
  jumpIfBehind(): void {
    if (this.#isFollowing && (this.behindMs() ?? Number.POSITIVE_INFINITY) > JUMP_BEHIND_MS)
      this.seekToLive();
  }

  /** Jumps to the goal where it is buffered, else as far as the engine reaches. */
  seekToLive(): void {
    const behindMs = this.behindMs();
    const { currentTime } = this.#video;
    const isBuffered = behindMs !== null && behindMs > 0 && this.#bufferEndS() > currentTime + 0.2;
    this.#seekTo(isBuffered ? currentTime + behindMs / 1000 : Number.POSITIVE_INFINITY);
  }

  /** Goes back so far, where that is still buffered. */
  stepBack(seconds: number): void {
    const video = this.#video;
    const backS = video.currentTime - seconds;
    if (bufferEnd(video.buffered, backS) > backS) video.currentTime = backS;
  }

  #seekTo(seconds: number): void {
    const live = this.#engine()?.livePosition() ?? null;
    if (this.#bufferEndS() - seconds > 0.05) this.#video.currentTime = seconds;
    else if (live !== null && live > this.#video.currentTime) this.#video.currentTime = live;
  }

  #bufferEndS(): number {
    return bufferEnd(this.#video.buffered, this.#video.currentTime);
  }
}
