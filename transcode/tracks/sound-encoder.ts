import { readAudioPacket } from '../../media/flv/audio-packet.ts';
import type { Logger } from '../../shared/logger.ts';
import { setWorkPriority } from '../../shared/process-priority.ts';
import { PRIMING_TICKS, soundArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { SoundInput, type SoundKind, type SoundPacket } from '../ffmpeg/sound-input.ts';
import { SupervisedFfmpeg } from '../ffmpeg/supervised-ffmpeg.ts';
import { mediaTicks } from '../timeline/media-clock.ts';
import type { TranscodeError } from '../transcode-error.ts';
import type { SoundTrack } from './sound-track.ts';

/** What encoding sound needs. */
export type SoundEncoderOptions = {
  readonly program: string;
  readonly kbps: number;
  /** What it begins with. */
  readonly kind: SoundKind;
  /** UTC of source time 0, 90 kHz ticks. */
  readonly offsetTicks: number;
  readonly track: SoundTrack;
  readonly logger: Logger;
  /** Encoded sound has been written. */
  onWritten(): void;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};

/** Added to all times, milliseconds: containers have no negative times, and a source that is read again begins in the past. */
const HEADROOM_MS = 60_000;

/** An encoder that was restarted begins this far back at most, milliseconds. */
const MAX_PENDING_MS = 4000;
/** After a longer gap ffmpeg begins anew, milliseconds. */
const MAX_GAP_MS = 2000;
/** A little sound before the next frame, 90 kHz ticks: an encoder's first frame is built on the one before it. */
const MARGIN_TICKS = 9000;

/** Encodes live sound to AAC-LC at 48 kHz. It has its own ffmpeg, so that sound never waits for pictures. */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions;
  readonly #ffmpeg: SupervisedFfmpeg;
  #kind: SoundKind;
  #input: SoundInput;
  #config: SoundPacket | null = null;
  /** What has not come out yet: an ffmpeg that is restarted begins with it. */
  #pending: (SoundPacket & { readonly timeMs: number })[] = [];
  #newestMs: number | null = null;
  #baseMs = 0;
  #startTicks = 0;

  constructor(options: SoundEncoderOptions) {
    this.#options = options;
    this.#kind = options.kind;
    this.#input = new SoundInput(options.kind);
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
      onSpawned: (pid) => setWorkPriority(pid, 'sound'),
      onRestart: () => options.onRestart(),
      onGaveUp: (error) => options.onGaveUp(error),
    });
  }

  /** Process id of ffmpeg; null while none runs. */
  get pid(): number | null {
    return this.#ffmpeg.pid;
  }

  /** Takes the decoder configuration of the packets that follow; with another codec they are another kind. It is copied. */
  configure(codec: string, { data, body }: SoundPacket): void {
    const isNew = codec !== this.#kind.codec || this.#config?.body.equals(body) !== true;
    if (codec !== this.#kind.codec) this.#kind = { codec, sampleRateHz: 0, channels: 0 };
    this.#config = { data: Buffer.from(data), body: Buffer.from(body) };
    if (isNew) this.#renew();
  }

  /**
   * Takes one packet.
   *
   * @param timeMs source time without jumps
   * @param codec its own: it may have changed without a configuration
   * @param packet owned by this object from now on
   */
  push(timeMs: number, codec: string, packet: SoundPacket): void {
    if (codec !== this.#kind.codec) {
      this.#kind = { codec, sampleRateHz: 0, channels: 0 };
      this.#config = null;
      this.#renew();
    }
    // What was missing is silence in the track already; ffmpeg would make it once more, all at once.
    if (this.#newestMs !== null && timeMs - this.#newestMs > MAX_GAP_MS) {
      this.#pending = [];
      this.#ffmpeg.refresh();
    }
    this.#newestMs = timeMs;
    this.#pending.push({ timeMs, ...packet });
    this.#forgetWritten(timeMs);
    if (!this.#ffmpeg.isRunning) {
      this.#ffmpeg.ensureStarted();
      return;
    }
    const written = this.#input.packet(packet, timeMs - this.#baseMs);
    if (written !== null) this.#ffmpeg.feed(written);
  }

  #renew(): void {
    this.#pending = [];
    this.#ffmpeg.renew('the source has changed its kind of sound');
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
    const [first] = this.#pending;
    if (first === undefined) return null;
    const { offsetTicks, track, kbps } = this.#options;
    this.#baseMs = first.timeMs - HEADROOM_MS;
    // The first time where the track begins; later with the frame that is next.
    const firstTicks = mediaTicks(first.timeMs, offsetTicks);
    this.#startTicks =
      track.endTicks === null
        ? track.startFor(firstTicks)
        : Math.max(track.endTicks, Math.ceil(firstTicks / PRIMING_TICKS) * PRIMING_TICKS);
    track.startAt(this.#startTicks);
    this.#input = new SoundInput(this.#kind);
    const { format } = this.#input;
    return {
      run: soundArguments(kbps, mediaTicks(this.#baseMs, offsetTicks) - this.#startTicks, format),
      backlog: [
        ...this.#input.head(this.#config, HEADROOM_MS),
        ...this.#pending.flatMap((packet) => this.#input.packet(packet, packet.timeMs - this.#baseMs) ?? []),
      ],
    };
  }

  #forgetWritten(newestMs: number): void {
    const { track, offsetTicks } = this.#options;
    const fromTicks = track.endTicks ?? Number.NEGATIVE_INFINITY;
    const isNeeded = ({ timeMs }: { readonly timeMs: number }): boolean =>
      newestMs - timeMs <= MAX_PENDING_MS && mediaTicks(timeMs, offsetTicks) >= fromTicks - MARGIN_TICKS;
    const written = this.#pending.findIndex(isNeeded);
    if (written > 0) this.#pending.splice(0, written);
  }
}
