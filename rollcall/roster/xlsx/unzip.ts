import { unzip, type Unzipped } from 'fflate';

/** A workbook that is larger than is read, when it is unpacked. */
export class TooLargeError extends Error {}

/** Most bytes of one file of an archive, and of all files that are read. */
const FILE_MAX_BYTES = 64 * 1024 * 1024;
const ALL_MAX_BYTES = 96 * 1024 * 1024;
/** Most files that are read. */
const FILES_MAX = 200;

/**
 * Unpacks some files of a ZIP archive, by the sizes in its directory: no file becomes larger than it says there.
 *
 * @param isWanted by the name, in lower case and without a slash in front
 * @returns by the same names
 * @throws {TooLargeError} where they are larger than 64 MiB each, 96 MiB together, or more than 200
 * @throws {Error} where it is no archive, or damaged
 */
export async function unzipSome(
  bytes: Uint8Array,
  isWanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  let [size, count] = [0, 0];
  let excess: string | null = null;
  const files = await new Promise<Unzipped>((resolve, reject) => {
    const done = (error: Error | null, found: Unzipped): void =>
      error === null ? resolve(found) : reject(error);
    const filter = ({
      name,
      originalSize,
    }: {
      readonly name: string;
      readonly originalSize: number;
    }): boolean => {
      if (excess !== null || !isWanted(keyOf(name))) return false;
      size += originalSize;
      count++;
      if (originalSize > FILE_MAX_BYTES) excess = `${name.slice(0, 60)} has ${originalSize} bytes`;
      else if (size > ALL_MAX_BYTES) excess = `its sheets have ${size} bytes`;
      else if (count > FILES_MAX) excess = `it has more than ${FILES_MAX} sheets`;
      return excess === null;
    };
    try {
      unzip(bytes, { filter }, done);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
  if (excess !== null) throw new TooLargeError(excess);
  return new Map(Object.entries(files).map(([name, content]) => [keyOf(name), content]));
}

function keyOf(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase();
}
