import { z } from 'zod';
import type { Logger } from '../../shared/logger.ts';
import { SnapshotFolder } from '../snapshot-folder.ts';
import { type KeptMark, keptMark, MARKS_MOST, withMark } from './mark.ts';

const snapshot = z.array(keptMark).max(MARKS_MOST);

/** The newest marks of each channel, kept over a restart. */
export class MarkBook {
  readonly #folder: SnapshotFolder<readonly KeptMark[]>;
  readonly #byChannel: Map<string, readonly KeptMark[]>;

  private constructor(
    folder: SnapshotFolder<readonly KeptMark[]>,
    byChannel: Map<string, readonly KeptMark[]>,
  ) {
    this.#folder = folder;
    this.#byChannel = byChannel;
  }

  /**
   * Reads what is kept.
   *
   * @param dataDir the operator's data folder
   * @param channels ids
   * @throws {SnapshotError} `bad-data-dir`
   */
  static async open(dataDir: string, channels: readonly string[], logger: Logger): Promise<MarkBook> {
    const parse = (value: unknown): readonly KeptMark[] => snapshot.parse(value);
    const folder = await SnapshotFolder.open({ dataDir, name: 'marks', parse, logger });
    return new MarkBook(folder, await folder.load(channels));
  }

  /** A channel's marks, oldest first. */
  of(channel: string): readonly KeptMark[] {
    return this.#byChannel.get(channel) ?? [];
  }

  /**
   * Enters a mark, or changes it, see {@link withMark}.
   *
   * @returns as it is now
   * @throws {MarkError} `bad-input` (400)
   */
  put(channel: string, mark: KeptMark, nowMs: number): KeptMark {
    const marks = withMark(this.of(channel), mark, nowMs);
    this.#byChannel.set(channel, marks);
    this.#folder.keep(channel, marks);
    return marks.find(({ id }) => id === mark.id) ?? mark;
  }

  /** Resolves when all marks are on disk. */
  async flush(): Promise<void> {
    await this.#folder.flush();
  }
}
