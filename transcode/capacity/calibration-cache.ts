import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder, replaceFile } from '../../shared/durable-file.ts';
import type { Calibration } from './calibration.ts';

const positive = z.number().positive().max(1000);

const fileSchema = z.object({
  machine: z.string(),
  decodePerMegapixel: positive,
  perPicture: z.record(z.string().max(100), positive),
});

/**
 * The file in which the calibration of this machine is cached: in the user's cache folder, so that all processes share it.
 *
 * @param env the process's environment
 */
export function calibrationFile(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const folder = env['XDG_CACHE_HOME'];
  return join(
    folder === undefined || folder === '' ? join(homedir(), '.cache') : folder,
    'lectern',
    'calibration.json',
  );
}

/** Names what a calibration holds for: the processor, the number of its cores, and the version of ffmpeg. */
export function machineName(ffmpegVersion: string): string {
  const all = cpus();
  return `${all[0]?.model ?? 'unknown'} x ${all.length}, ffmpeg ${ffmpegVersion}`;
}

/**
 * Reads a cached calibration. Never rejects.
 *
 * @param machine see {@link machineName}
 * @returns null where there is none, where it is of another machine, and where the file is damaged
 */
export async function readCalibration(file: string, machine: string): Promise<Calibration | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    const { machine: of, ...calibration } = fileSchema.parse(value);
    return of === machine ? calibration : null;
  } catch {
    return null;
  }
}

/** Caches a calibration in place of an older one. @throws {Error} the system's own */
export async function writeCalibration(
  file: string,
  machine: string,
  calibration: Calibration,
): Promise<void> {
  const body = `${JSON.stringify({ machine, ...calibration }, null, 1)}\n`;
  // Several processes of one machine may be calibrated at the same time.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await makeFolder(dirname(file));
  await replaceFile(file, body, { draft, flush: false });
}
