import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { calibrate, type RungToMeasure } from './calibrate.ts';
import { calibrationFile, machineName, readCalibration, writeCalibration } from './calibration-cache.ts';
import { type Calibration, rungKey } from './calibration.ts';

/** What {@link calibrateMachine} needs. */
export type MachineCalibrationOptions = {
  readonly ffmpeg: { readonly program: string; readonly version: string };
  /** All that this worker may encode. */
  readonly rungs: readonly RungToMeasure[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Where calibrations are cached; the user's cache folder when left out. */
  readonly file?: string;
};

/**
 * Finds out what pictures cost on this machine: what is cached is used, and only what is not is measured.
 *
 * @returns null when it cannot be measured, which the log says, and when the signal was aborted
 */
export async function calibrateMachine(options: MachineCalibrationOptions): Promise<Calibration | null> {
  const { ffmpeg, logger, signal, file = calibrationFile() } = options;
  const machine = machineName(ffmpeg.version);
  const cached = await readCalibration(file, machine);
  const missing = options.rungs.filter(
    ({ rung, preset }) => cached?.perPicture[rungKey(rung, preset)] === undefined,
  );
  if (missing.length === 0) return cached;
  try {
    const measured = await calibrate({ program: ffmpeg.program, rungs: missing, signal });
    const perPicture = { ...cached?.perPicture, ...measured.perPicture };
    const calibration = {
      decodePerMegapixel: cached?.decodePerMegapixel ?? measured.decodePerMegapixel,
      perPicture,
    };
    await writeCalibration(file, machine, calibration).catch((error: unknown) => {
      logger.warn(
        { file },
        `the calibration cannot be cached, and is made anew at the next start: ${describeError(error)}`,
      );
    });
    logger.info(
      { rungs: missing.length, decodePerMegapixel: calibration.decodePerMegapixel },
      'transcode worker is calibrated',
    );
    return calibration;
  } catch (error) {
    if (!signal.aborted) logger.warn({}, `costs are estimated, not measured: ${describeError(error)}`);
    return cached;
  }
}
