import { Readable } from 'node:stream';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import { readVideoPacket } from '../../media/flv/video-packet.ts';
import { silentLogger } from '../../shared/logger.ts';
import { PLACEHOLDER_SOURCE_PX, placeholderArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { PlannedRung } from '../ladder-plan.ts';
import { SEGMENT_TICKS, VIDEO_TIMESCALE_HZ, frameTicks, nextSegmentTicks } from '../timeline/media-clock.ts';
import { TranscodeError } from '../transcode-error.ts';
import type { TrackWriter } from './track-writer.ts';

/** One encoded segment of a still picture. It is repeated without further encoding. */
export type PlaceholderSegment = {
  readonly rung: PlannedRung;
  readonly decoderConfig: Buffer;
  /** One per frame of the segment; the first is an IDR. */
  readonly frames: readonly Buffer[];
};

/** Dark blue (#24323f): luma and the two chromas, BT.601 of limited range. */
const COLOUR = [57, 136, 121] as const;
/** One raw picture of it, 8 bit 4:2:0 planar. */
const PICTURE = Buffer.concat(
  COLOUR.map((value, plane) => Buffer.alloc(PLACEHOLDER_SOURCE_PX ** 2 / (plane === 0 ? 1 : 4), value)),
);
/** Encoding takes a fraction of a second; an ffmpeg that hangs is killed after this time. Milliseconds. */
const ENCODE_WITHIN_MS = 20_000;

/**
 * Encodes one segment of the placeholder for each rung.
 *
 * @throws {TranscodeError} `ffmpeg-gave-up` when ffmpeg fails
 */
export async function encodePlaceholder(
  program: string,
  rungs: readonly PlannedRung[],
  frameRate: number,
): Promise<readonly PlaceholderSegment[]> {
  const outputs = new Map(
    rungs.map((rung) => [
      rung.id,
      { rung, parser: new FlvReader(), config: Buffer.alloc(0), frames: [] as Buffer[] },
    ]),
  );
  const take = (id: string, bytes: Buffer): void => {
    const output = outputs.get(id);
    for (const tag of output?.parser.push(bytes) ?? []) {
      const packet = readVideoPacket(tag.data);
      if (packet?.kind === 'config' && output !== undefined) output.config = Buffer.from(packet.data);
      else if (packet?.kind === 'frame') output?.frames.push(Buffer.from(packet.data));
    }
  };
  const want = SEGMENT_TICKS / frameTicks(frameRate);
  let late: NodeJS.Timeout | undefined;
  const error = await new Promise<Error | null>((resolve, reject) => {
    const pictures = Array.from({ length: want }, () => PICTURE);
    runFfmpeg(program, placeholderArguments(rungs, frameRate), Readable.from(pictures), {
      onData: (id, bytes) => {
        try {
          take(id, bytes);
        } catch (fault) {
          // This runs in a socket handler, where an exception would end the worker.
          reject(fault);
        }
      },
      onLine: (line) => silentLogger.debug({}, line),
      onExit: resolve,
    })
      .then((ffmpeg) => {
        late = setTimeout(() => ffmpeg.kill(), ENCODE_WITHIN_MS);
      })
      .catch(reject);
  }).finally(() => clearTimeout(late));
  const segments = [...outputs.values()].map(({ rung, config, frames }) => ({
    rung,
    decoderConfig: config,
    frames: frames.slice(0, want),
  }));
  if (error !== null || segments.some((segment) => segment.frames.length < want)) {
    throw new TranscodeError('ffmpeg did not encode the placeholder picture', {
      code: 'ffmpeg-gave-up',
      ...(error === null ? {} : { cause: error }),
    });
  }
  return segments;
}

/** Repeats the placeholder as the picture of a broadcast, up to the end of its sound. */
export class PlaceholderPicture {
  readonly #segments: readonly PlaceholderSegment[];
  readonly #tick: number;
  readonly #writers: readonly TrackWriter[];
  #nextFrame: number | null = null;

  /** @param writerOf where a rung's frames go */
  constructor(
    segments: readonly PlaceholderSegment[],
    frameRate: number,
    writerOf: (rungId: string) => TrackWriter,
  ) {
    this.#segments = segments;
    this.#tick = frameTicks(frameRate);
    this.#writers = segments.map(({ rung, decoderConfig }) => {
      const writer = writerOf(rung.id);
      writer.configure({
        kind: 'video',
        codec: 'h264',
        decoderConfig,
        widthPx: rung.widthPx,
        heightPx: rung.heightPx,
        timescaleHz: VIDEO_TIMESCALE_HZ,
      });
      return writer;
    });
  }

  /**
   * Writes frames up to a media time.
   *
   * @param endTicks 90 kHz ticks since the epoch
   * @param startTicks where the placeholder begins: the start of a segment
   */
  advanceTo(endTicks: number, startTicks: number): void {
    const perSegment = SEGMENT_TICKS / this.#tick;
    const end = Math.floor(endTicks / this.#tick);
    let next = this.#nextFrame ?? Math.round(startTicks / this.#tick);
    // A gap in the sound that was not filled with silence is a gap in the placeholder too.
    if (end - next > perSegment * 4) next = Math.floor(end / perSegment) * perSegment;
    for (; next < end; next++) {
      const inSegment = next % perSegment;
      this.#segments.forEach((segment, i) =>
        this.#writers[i]?.write({
          decodeTicks: next * this.#tick,
          durationTicks: this.#tick,
          compositionOffsetTicks: 0,
          isSync: inSegment === 0,
          data: segment.frames[inSegment] ?? Buffer.alloc(0),
        }),
      );
    }
    this.#nextFrame = next;
  }

  /**
   * Writes frames up to the next start of a segment, where other pictures follow.
   *
   * @returns that start, 90 kHz ticks since the epoch; 0 when nothing was written
   */
  finish(): number {
    if (this.#nextFrame === null) return 0;
    const endTicks = nextSegmentTicks(this.#nextFrame * this.#tick);
    this.advanceTo(endTicks, endTicks);
    return endTicks;
  }
}
