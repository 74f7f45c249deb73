import type { Logger } from '../../../shared/logger.ts';
import type { LogFiles } from './log-files.ts';
import { readLine } from './log-line.ts';

/** What was found when a log was read. */
export type LogReading = {
  readonly records: number;
  readonly files: number;
  /** Incomplete last lines, cut off by a kill: nothing in them was acknowledged. */
  readonly torn: number;
  /** Other lines whose checksum is wrong: the disk, or somebody, has changed them. */
  readonly damaged: number;
};

const VOID = 'void';

/** First records of a file: an earlier file does not count from a byte on, because a flush of it failed. */
export type VoidRecord = { readonly t: typeof VOID; readonly file: number; readonly fromByte: number };

/** Makes a {@link VoidRecord}. */
export function voidRecord(file: number, fromByte: number): VoidRecord {
  return { t: VOID, file, fromByte };
}

/**
 * Reads all records of a log, oldest first. Every file is flushed before: what is read may be acknowledged to a client that
 * retries.
 *
 * @param onRecord receives each record
 * @throws {Error} the system's own
 */
export async function readLog(
  files: LogFiles,
  numbers: readonly number[],
  onRecord: (record: Record<string, unknown>) => void,
  logger: Pick<Logger, 'warn' | 'error'>,
): Promise<LogReading> {
  let [records, torn, damaged] = [0, 0, 0];
  for (const number of numbers) await files.sync(number);
  const endByFile = await voidedEnds(files, numbers);
  for (const number of numbers) {
    const path = files.path(number);
    for await (const { text, isComplete, offset } of files.lines(number)) {
      if (offset >= (endByFile.get(number) ?? Number.POSITIVE_INFINITY)) break;
      const record = readLine(text);
      if (record?.['t'] === VOID) continue;
      if (record !== null && isComplete) {
        onRecord(record);
        records++;
      } else if (isComplete) {
        damaged++;
        logger.error({ path, offset }, `${path} at byte ${offset}: the line is damaged and is ignored`);
      } else {
        torn++;
        const bytes = Buffer.byteLength(text);
        const message = `${path} at byte ${offset}: the last line is incomplete and is ignored; it was not acknowledged`;
        logger.warn({ path, offset, bytes }, message);
      }
    }
  }
  return { records, files: numbers.length, torn, damaged };
}

/**
 * Where files end whose last bytes do not count, bytes, by their numbers.
 *
 * @throws {Error} the system's own
 */
export async function voidedEnds(
  files: LogFiles,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const endByFile = new Map<number, number>();
  for (const number of numbers) {
    for await (const { text } of files.lines(number)) {
      const { t, file, fromByte } = readLine(text) ?? {};
      if (t !== VOID || typeof file !== 'number' || typeof fromByte !== 'number') break;
      endByFile.set(file, fromByte);
    }
  }
  return endByFile;
}
