import { readAacConfig, writeAacConfig } from '../../media/codec/aac-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { readAudioPacket } from '../../media/flv/audio-packet.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ } from '../../shared/grid.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../job.ts';
import { planSound } from '../ladder-plan.ts';
import { mediaTicks } from '../timeline/media-clock.ts';
import type { TranscodeError } from '../transcode-error.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { SoundTrack } from './sound-track.ts';
import type { TrackWriter } from './track-writer.ts';

/** What the sound of a broadcast needs. */
export type BroadcastSoundOptions = {
  /** What the publisher was known to send at the start; null where she sent no sound. */
  readonly audio: TranscodeJob['audio'];
  /** ffmpeg's path or name. */
  readonly program: string;
  readonly kbps: number;
  /** UTC of source time 0, 90 kHz ticks. */
  readonly offsetTicks: number;
  readonly writer: TrackWriter;
  /** The pictures are copied: sound begins with the first of them or before, wherever that is. */
  readonly beginsAtOnce: boolean;
  readonly logger: Logger;
  /** Sound has been written. */
  onWritten(): void;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};

/** Sound that was described and does not come is replaced by silence after so much of the picture, milliseconds. */
const FIRST_SOUND_MS = 1500;

/**
 * The sound of a broadcast: AAC-LC at 48 kHz as it comes, everything else encoded to it, and silence where there is none, before the
 * first as well: sound may begin at any time.
 */
export class BroadcastSound {
  readonly #options: BroadcastSoundOptions;
  readonly #track: SoundTrack;
  #encoder: SoundEncoder | null = null;
  /** Whether the sound can be copied; null before its configuration. */
  #fits: boolean | null = null;
  #hasCome = false;
  /** Source time of the first picture, by which the absence of sound is told. */
  #firstPictureMs: number | null = null;

  constructor(options: BroadcastSoundOptions) {
    this.#options = options;
    this.#track = new SoundTrack(options.writer, options.beginsAtOnce);
  }

  /** Process id of its ffmpeg; null while none runs. */
  get pid(): number | null {
    return this.#encoder?.pid ?? null;
  }

  /** Where the track begins, and up to where it has come, 90 kHz ticks since the epoch; null before its first frame. */
  get span(): { readonly startTicks: number; readonly endTicks: number } | null {
    const { startTicks, endTicks } = this.#track;
    return startTicks === null || endTicks === null ? null : { startTicks, endTicks };
  }

  /** Takes a configuration; the stream's own overrides what was announced. @param body of its tag */
  configure(body: Buffer): void {
    const packet = readAudioPacket(body);
    if (packet === null) return;
    const read = packet.codec === 'aac' ? readAacConfig(packet.data) : null;
    // Once an encoder runs, all sound goes through it: without input it would look as if it hung.
    this.#fits =
      this.#encoder === null &&
      read !== null &&
      !isMalformed(read) &&
      read.objectType === 2 &&
      !read.hasSbr &&
      read.channelConfiguration === 2 &&
      read.frameSamples === AAC_FRAME_SAMPLES &&
      planSound({ codec: 'aac', sampleRateHz: read.sampleRateHz, channels: read.channels }) === 'copy';
    // The same sound is described in several ways; written in one, it needs no second sample entry after another encoder's.
    if (this.#fits) this.#track.configure(writeAacConfig(AUDIO_SAMPLE_RATE_HZ, 2));
    else this.#encoding(packet.codec).configure(packet.codec, { data: packet.data, body });
  }

  /**
   * Takes one packet of coded sound.
   *
   * @param body of its tag; owned by this object from now on
   */
  push(timeMs: number, body: Buffer): void {
    const packet = readAudioPacket(body);
    if (packet === null || packet.data.length === 0) return;
    this.#fits ??= false;
    this.#hasCome = true;
    if (!this.#fits) {
      this.#encoding(packet.codec).push(timeMs, packet.codec, { data: packet.data, body });
      return;
    }
    this.#track.push(mediaTicks(timeMs, this.#options.offsetTicks), packet.data);
    this.#options.onWritten();
  }

  /** Reports a picture of this source time: while there is no sound at all it paces the silence. */
  pictureAt(timeMs: number): void {
    if (this.#hasCome) return;
    this.#firstPictureMs ??= timeMs;
    this.#track.pictureAt(mediaTicks(timeMs, this.#options.offsetTicks));
    const { audio } = this.#options;
    if (audio !== null && timeMs - this.#firstPictureMs < FIRST_SOUND_MS) return;
    this.#fillTo(timeMs);
  }

  /** Fills with silence up to a source time, milliseconds. */
  fillTo(untilMs: number): void {
    if (this.#track.endTicks !== null) this.#fillTo(untilMs);
  }

  /** Encodes the rest; resolves when it was written. */
  async end(): Promise<void> {
    await this.#encoder?.end();
  }

  /** Ends at once; resolves when its ffmpeg has ended. */
  async stop(): Promise<void> {
    await this.#encoder?.stop();
  }

  #fillTo(timeMs: number): void {
    this.#track.fillTo(mediaTicks(timeMs, this.#options.offsetTicks));
    this.#options.onWritten();
  }

  #encoding(codec: string): SoundEncoder {
    const { program, logger, kbps, offsetTicks, audio } = this.#options;
    this.#encoder ??= new SoundEncoder({
      ...{ program, logger, kbps, offsetTicks, track: this.#track },
      kind: { codec, sampleRateHz: audio?.sampleRateHz ?? 0, channels: audio?.channels ?? 0 },
      onWritten: () => this.#options.onWritten(),
      onRestart: () => this.#options.onRestart(),
      onGaveUp: (error) => this.#options.onGaveUp(error),
    });
    return this.#encoder;
  }
}
