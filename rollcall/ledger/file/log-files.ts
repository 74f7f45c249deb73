import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_MODE, makeFolder, replaceFile, syncFolder } from '../../../shared/durable-file.ts';
import { systemCode } from '../../../shared/system-error.ts';

/** A line of a log file. */
export type FileLine = {
  /** Without its line feed. */
  readonly text: string;
  /** False for a last line without a line feed. */
  readonly isComplete: boolean;
  /** Where it begins, bytes. */
  readonly offset: number;
};

const FILE_NAME = /^(\d{15})\.log$/;
const DRAFT = '.draft';
const LINE_FEED = 10;
const READ_BYTES = 1024 * 1024;

/** The numbered files of a log in their folder. */
export class LogFiles {
  readonly folder: string;
  readonly #open: typeof open;

  /** @param openFile opens a file; tests replace it with disks that fail */
  constructor(folder: string, openFile: typeof open = open) {
    this.folder = folder;
    this.#open = openFile;
  }

  /** Makes the folder, durably, unless it exists. */
  async makeFolder(): Promise<void> {
    await makeFolder(this.folder);
  }

  /** Deletes what a process that was killed has left of a file that it wrote anew. */
  async removeDrafts(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (name.endsWith(DRAFT)) await unlink(join(this.folder, name));
    }
  }

  /** Numbers of the files, oldest first. */
  async numbers(): Promise<number[]> {
    const names = await readdir(this.folder);
    return names
      .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** The path of a file. */
  path(number: number): string {
    return join(this.folder, `${String(number).padStart(15, '0')}.log`);
  }

  /** Puts a file in place of an older one: a reader, also after a crash, finds either of them. */
  async replace(number: number, text: string): Promise<void> {
    const path = this.path(number);
    await replaceFile(path, text, { draft: `${path}${DRAFT}` });
  }

  /**
   * Creates the next file; its name is durable when this resolves.
   *
   * @param after number of the newest file; another process that uses the folder may have created more of them
   */
  async create(after: number): Promise<{ readonly number: number; readonly file: FileHandle }> {
    for (let number = after + 1; ; number++) {
      let file: FileHandle;
      try {
        file = await this.#open(this.path(number), 'ax', FILE_MODE);
      } catch (error) {
        if (systemCode(error) === 'EEXIST') continue;
        throw error;
      }
      try {
        await syncFolder(this.folder);
      } catch (error) {
        await file.close();
        throw error;
      }
      return { number, file };
    }
  }

  /** Flushes a file to the disk: what a killed process has written may still be in the system's cache. */
  async sync(number: number): Promise<void> {
    const file = await this.#open(this.path(number), 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Deletes a file. */
  async remove(number: number): Promise<void> {
    await unlink(this.path(number));
  }

  /** The lines of a file. */
  async *lines(number: number): AsyncIterable<FileLine> {
    let rest: Buffer[] = [];
    let offset = 0;
    for await (const chunk of createReadStream(this.path(number), { highWaterMark: READ_BYTES })) {
      let bytes: Buffer = chunk;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
        const line = Buffer.concat([...rest, bytes.subarray(0, end)]);
        rest = [];
        yield { text: line.toString('utf8'), isComplete: true, offset };
        offset += line.length + 1;
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > 0) rest.push(bytes);
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield { text: last.toString('utf8'), isComplete: false, offset };
  }
}
