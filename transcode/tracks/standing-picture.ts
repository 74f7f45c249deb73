import {
  positionAfter,
  type RepeatableAvc,
  repeatPicture,
  withRepeatPps,
} from '../../media/codec/avc-repeat.ts';
import { type AvcSliceHeader, readAvcSliceHeader } from '../../media/codec/avc-slice-header.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';

/** A picture with the time at which it is given on. */
export type TimedPicture = { readonly packet: CodedVideo; readonly timeMs: number };

/** Number of recent intervals that are considered. */
const RECENT = 16;
/** A picture that had to be moved back is followed by the next one after this share of its time: less than half of it overlaps. */
const CATCH_UP_SHARE = 0.6;
/** After so many repeats without one of the publisher's pictures the time that was not covered is left out. */
const MAX_AT_ONCE = 600;

/**
 * Lets a publisher's last picture stand where she sends none: repeats of a few bytes between her own pictures, made without an
 * encoder. Nothing refers to them, so her pictures go on as they were coded, with a keyframe or without.
 *
 * What reads the pictures gets them at a steady pace, so an encoder puts out what it holds, and a copied track has no long samples.
 * Only frames of H.264 can be repeated. Of other pictures, a keyframe is given once more.
 */
export class StandingPicture {
  readonly #everyMs: number;
  #stream: RepeatableAvc | null = null;
  /** The newest picture that repeats show; null where it cannot be repeated. */
  #shown: AvcSliceHeader | null = null;
  /** When the newest picture is shown at the latest, and the newest decode time, source milliseconds. */
  #endMs = Number.NEGATIVE_INFINITY;
  #decodedMs = Number.NEGATIVE_INFINITY;
  /** Up to when the newest picture has its place, source milliseconds: a repeat its whole time, another one most of it. */
  #takenMs = Number.NEGATIVE_INFINITY;
  /** The newest picture is a repeat. */
  #isRepeating = false;
  /** The newest of her own pictures, and the intervals before it, source milliseconds. */
  #ownMs: number | null = null;
  #ownIntervalsMs: number[] = [];

  readonly #repeatsKeys: boolean;
  /** The newest picture, where it is a keyframe. */
  #key: CodedVideo | null = null;

  /**
   * @param everyMs time between two repeats, milliseconds
   * @param repeatsKeys whether keyframes may be given again, as large as they are
   */
  constructor(everyMs: number, repeatsKeys: boolean) {
    this.#everyMs = everyMs;
    this.#repeatsKeys = repeatsKeys;
  }

  /** Whether the last picture can be repeated. */
  get canRepeat(): boolean {
    return this.#shown !== null || this.#key !== null;
  }

  /**
   * Sets the configuration of the pictures that follow.
   *
   * @returns the configuration that a decoder of her pictures and of repeats needs; `data` itself where there can be none
   */
  configure({ codec, data }: Pick<CodedVideo, 'codec' | 'data'>): Buffer {
    const stream = codec === 'h264' ? withRepeatPps(data) : null;
    this.#stream = stream === null || isMalformed(stream) ? null : stream;
    return this.#stream?.decoderConfig ?? data;
  }

  /** When the newest picture is shown, source milliseconds; -Infinity before the first. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Whether nothing is shown for longer than a time in front of a picture, both in milliseconds. */
  isGap(timeMs: number, longestMs: number): boolean {
    return timeMs - this.#endMs > (this.#isRepeating ? this.#everyMs : longestMs);
  }

  /**
   * Takes one of the publisher's pictures, in decode order.
   *
   * @returns its decode time: behind the repeats that were made, and from then on a little sooner than hers until it is hers again
   */
  place(packet: CodedVideo, timeMs: number): number {
    this.#follow(packet);
    // A source that is read again begins with pictures that were given on.
    if (this.#ownMs !== null && timeMs <= this.#ownMs) return timeMs;
    if (this.#ownMs !== null) {
      this.#ownIntervalsMs = [...this.#ownIntervalsMs, timeMs - this.#ownMs].slice(-RECENT);
    }
    this.#ownMs = timeMs;
    this.#isRepeating = false;
    const placedMs = Math.max(timeMs, this.#takenMs);
    const catchingUpMs = Math.min(this.#everyMs, ...this.#ownIntervalsMs) * CATCH_UP_SHARE;
    this.#takenMs = placedMs > timeMs ? placedMs + catchingUpMs : Number.NEGATIVE_INFINITY;
    this.#decodedMs = Math.max(this.#decodedMs, placedMs);
    this.#endMs = Math.max(this.#endMs, placedMs + packet.compositionOffsetMs);
    return placedMs;
  }

  /**
   * Makes the repeats up to a time.
   *
   * @param untilMs source milliseconds; not included
   * @param isEven spreads them over the whole time: another picture follows there
   * @returns none where the last picture cannot be repeated
   */
  *repeats(untilMs: number, isEven = false): Generator<TimedPicture> {
    const packet = this.#repeat();
    if (packet === null) return;
    const longest = MAX_AT_ONCE * this.#everyMs;
    const fromMs = Math.max(this.#endMs, untilMs - longest);
    const count = Math.max(1, Math.round((untilMs - fromMs) / this.#everyMs));
    const stepMs = isEven ? (untilMs - fromMs) / count : this.#everyMs;
    for (
      let i = 1;
      fromMs + i * stepMs < untilMs - stepMs / 2 || (!isEven && fromMs + i * stepMs < untilMs);
      i++
    ) {
      const ms = fromMs + i * stepMs;
      this.#endMs = ms;
      this.#decodedMs = ms;
      this.#takenMs = ms + stepMs;
      this.#isRepeating = true;
      yield { timeMs: ms, packet };
    }
  }

  #repeat(): CodedVideo | null {
    if (this.#stream === null || this.#shown === null) return this.#key;
    return repeatPacket(repeatPicture(this.#stream, positionAfter(this.#shown, this.#stream.sps), false));
  }

  #follow(packet: CodedVideo): void {
    const { data, isSync } = packet;
    this.#key = this.#repeatsKeys && isSync ? { ...packet, compositionOffsetMs: 0 } : null;
    if (this.#stream === null) {
      this.#shown = null;
      return;
    }
    const header = readAvcSliceHeader(data, this.#stream.sps, this.#stream.lengthSize);
    // A repeat shows the reference picture that was decoded last. Where that is one of two directions, it is shown before another one.
    if (isMalformed(header)) this.#shown = null;
    else if (header.isReference) this.#shown = header.isBidirectional ? null : header;
  }
}

function repeatPacket(data: Buffer): CodedVideo {
  return {
    ...{ kind: 'frame', codec: 'h264', codecName: 'h264', isEnhanced: false, trackId: 0 },
    ...{ isSync: false, compositionOffsetMs: 0, data },
  };
}
