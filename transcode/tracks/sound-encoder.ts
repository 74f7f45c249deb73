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

/** FLV has no times below 0, and a source that is read anew begins with what was there already. */
const HEADROOM_MS = 60_000;

/** Encodes a live sound to AAC-LC at 48 kHz with an ffmpeg of its own: sound never waits for a picture. */
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
   * Takes the source's next tag of sound.
   *
   * @param timeMs source time, jumps taken out
   * @param isConfig the tag holds the decoder's configuration
   * @param body the tag's body
   * @returns null, or a promise to wait for: ffmpeg does not keep up
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

  /** Encodes what is left; resolves when it has been written. */
  end(): Promise<void> {
    return this.#ffmpeg.end();
  }

  /** Ends at once; resolves when ffmpeg is gone. */
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
