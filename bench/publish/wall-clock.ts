import { join } from 'node:path';
import { type Program, startProgram } from '../start/program.ts';

/** What a publisher with a burnt-in clock sends. */
export type WallClockOptions = {
  /** `rtmp://…`. */
  readonly url: string;
  /** A whole number, so that a full second is a frame. */
  readonly fps: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** A white picture at each full second, where the beep is. */
  readonly flash?: boolean;
  /** An FLV file that gets the same packets. */
  readonly recordTo?: string;
};

/** A publisher whose every picture carries the time at which it was handed to the encoder. */
export type WallClockPublisher = {
  /** Process id of the program; ffmpeg is its child. */
  readonly pid: number;
  /** When picture `index` was handed over, UTC milliseconds; undefined while that is not known. */
  stampMs(index: number): number | undefined;
  /** Number of the picture that carries a stamp; undefined for none. */
  indexOf(stampMs: number): number | undefined;
  stop(): Promise<void>;
};

/** Starts one; resolves when its ffmpeg runs. */
export async function startWallClock(options: WallClockOptions): Promise<WallClockPublisher> {
  const program: Program = startProgram(join(import.meta.dirname, 'wall-clock-program.ts'), options);
  const stamps: number[] = [];
  const indexes = new Map<number, number>();
  program.onMessage((message) => {
    if (message.kind !== 'stamps') return;
    const batch = message as {
      readonly kind: string;
      readonly first: number;
      readonly stamps: readonly number[];
    };
    batch.stamps.forEach((stamp, at) => {
      stamps[batch.first + at] = stamp;
      indexes.set(stamp, batch.first + at);
    });
  });
  await program.next('started');
  return {
    pid: program.pid,
    stampMs: (index) => stamps[index],
    indexOf: (stampMs) => indexes.get(stampMs),
    stop: () => program.stop(),
  };
}
