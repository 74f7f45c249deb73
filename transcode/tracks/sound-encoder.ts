import { readAudioPacket } from '../../media/flv/audio-packet.ts';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import type { Logger } from '../../shared/logger.ts';
import { PRIMING_TICKS, soundArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { SupervisedFfmpeg } from '../ffmpeg/supervised-ffmpeg.ts';
import { mediaTicks, nextSegmentTicks } from '../timeline/media-clock.ts';
import type { TranscodeError } from '../transcode-error.ts';
import type { SoundTrack } from './sound-track.ts';

/** What encoding sound needs. */
export type SoundEncoderOptions = {
  readonly program: string;
  readonly kbps: number;
  /** UTC of source time 0, 90 kHz ticks. */
  readonly offsetTicks: number;
  readonly track: SoundTrack;
  readonly logger: Logger;
  /** Encoded sound has been written. */
  onWritten(): void;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};

/** Added to all times, milliseconds: FLV has no negative times, and a source that is read again begins in the past. */
const HEADROOM_MS = 60_000;

/** Encodes live sound to AAC-LC at 48 kHz. It has its own ffmpeg, so that sound never waits for pictures. */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions;
  readonly #ffmpeg: SupervisedFfmpeg;
  #config: Buffer | null = null;
  #newest: { readonly timeMs: number; readonly body: Buffer } | null = null;
  #baseMs = 0;
  #startTicks = 0;

  constructor(options: SoundEncoderOptions) {
    this.#options = options;
    this.#ffmpeg = new SupervisedFfmpeg({
      program: options.program,
      logger: options.logger,
      begin: () => this.#begin(),
      onTag: (_id, tag) => {
        const packet = readAudioPacket(tag.data);
        if (packet === null || packet.kind === 'other') return;
        if (packet.kind === 'config') {
          options.track.configure(packet.data);
          return;
        }
        // The first packet is the encoder's priming, one frame before the start.
        const ticks = this.#startTicks - PRIMING_TICKS + tag.timestampMs * 90;
        if (ticks < this.#startTicks - PRIMING_TICKS / 2) return;
        options.track.push(ticks, packet.data);
        options.onWritten();
      },
      onRestart: () => options.onRestart(),
      onGaveUp: (error) => options.onGaveUp(error),
    });
  }

  /** Process id of ffmpeg; null while none runs. */
  get pid(): number | null {
    return this.#ffmpeg.pid;
  }

  /**
   * Handles the source's next audio tag.
   *
   * @param timeMs source time without jumps
   * @param isConfig true for a sequence header
   * @param body the tag's body
   * @returns null, or a promise to wait for when ffmpeg is too slow
   */
  push(timeMs: number, isConfig: boolean, body: Buffer): Promise<void> | null {
    if (isConfig) {
      const isNew = this.#config?.equals(body) !== true;
      this.#config = Buffer.from(body);
      if (isNew) {
        this.#newest = null;
        this.#ffmpeg.renew('the source has changed its kind of sound');
      }
      return null;
    }
    this.#newest = { timeMs, body };
    if (this.#ffmpeg.isRunning) return this.#ffmpeg.feed(writeFlvTag('audio', timeMs - this.#baseMs, body));
    this.#ffmpeg.ensureStarted();
    return null;
  }

  /** Encodes the rest; resolves when it was written. */
  end(): Promise<void> {
    return this.#ffmpeg.end();
  }

  /** Ends at once; resolves when ffmpeg has ended. */
  stop(): Promise<void> {
    this.#ffmpeg.stop();
    return this.#ffmpeg.whenEnded();
  }

  #begin(): ReturnType<ConstructorParameters<typeof SupervisedFfmpeg>[0]['begin']> {
    const newest = this.#newest;
    if (newest === null) return null;
    const { offsetTicks, track, kbps } = this.#options;
    const ticks = Math.max(mediaTicks(newest.timeMs, offsetTicks), track.endTicks ?? 0);
    this.#baseMs = newest.timeMs - HEADROOM_MS;
    this.#startTicks = nextSegmentTicks(ticks);
    track.startAt(this.#startTicks);
    return {
      run: soundArguments(kbps, mediaTicks(this.#baseMs, offsetTicks) - this.#startTicks),
      backlog: [
        writeFlvHeader({ hasVideo: false, hasAudio: true }),
        ...(this.#config === null ? [] : [writeFlvTag('audio', HEADROOM_MS, this.#config)]),
        writeFlvTag('audio', HEADROOM_MS, newest.body),
      ],
    };
  }
}
