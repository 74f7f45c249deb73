import { z } from 'zod';
import type { Logger } from '../../shared/logger.ts';
import { SnapshotFolder } from '../snapshot-folder.ts';
import { type StoredMark, storedMark, MARKS_MOST, withMark } from './mark.ts';

const snapshot = z.array(storedMark).max(MARKS_MOST);

/** The newest marks of each channel, stored on disk so that they survive a restart. */
export class ChannelMarks {
  readonly #folder: SnapshotFolder<readonly StoredMark[]>;
  readonly #byChannel: Map<string, readonly StoredMark[]>;

  private constructor(
    folder: SnapshotFolder<readonly StoredMark[]>,
    byChannel: Map<string, readonly StoredMark[]>,
  ) {
    this.#folder = folder;
    this.#byChannel = byChannel;
  }

  /**
   * Reads the stored marks.
   *
   * @param dataDir the operator's data folder
   * @param channels ids
   * @throws {SnapshotError} `bad-data-dir`
   */
  static async open(dataDir: string, channels: readonly string[], logger: Logger): Promise<ChannelMarks> {
    const parse = (value: unknown): readonly StoredMark[] => snapshot.parse(value);
    const folder = await SnapshotFolder.open({ dataDir, name: 'marks', parse, logger });
    return new ChannelMarks(folder, await folder.load(channels));
  }

  /** A channel's marks, oldest first. */
  of(channel: string): readonly StoredMark[] {
    return this.#byChannel.get(channel) ?? [];
  }

  /**
   * Adds a mark, or changes it, see {@link withMark}.
   *
   * @returns the mark as it is stored now
   * @throws {MarkError} `bad-input` (400)
   */
  put(channel: string, mark: StoredMark, nowMs: number): StoredMark {
    const marks = withMark(this.of(channel), mark, nowMs);
    this.#byChannel.set(channel, marks);
    this.#folder.save(channel, marks);
    return marks.find(({ id }) => id === mark.id) ?? mark;
  }

  /** Resolves when all marks are on disk. */
  async flush(): Promise<void> {
    await this.#folder.flush();
  }
}
