import { z } from 'zod';
import type { Logger } from '../../shared/logger.ts';
import { SnapshotFolder } from '../snapshot-folder.ts';
import {
  type ChannelMark,
  channelMark,
  MARKS_MOST,
  type PutMark,
  type StoredMark,
  withMark,
} from './mark.ts';

const snapshot = z.array(channelMark).max(MARKS_MOST);

/** The newest marks of each channel, stored on disk so that they survive a restart. */
export class ChannelMarks {
  readonly #folder: SnapshotFolder<readonly ChannelMark[]>;
  readonly #byChannel: Map<string, readonly ChannelMark[]>;

  private constructor(
    folder: SnapshotFolder<readonly ChannelMark[]>,
    byChannel: Map<string, readonly ChannelMark[]>,
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
    const parse = (value: unknown): readonly ChannelMark[] => snapshot.parse(value);
    const folder = await SnapshotFolder.open({ dataDir, name: 'marks', parse, logger });
    return new ChannelMarks(folder, await folder.load(channels));
  }

  /** A channel's marks, oldest first. */
  of(channel: string): readonly ChannelMark[] {
    return this.#byChannel.get(channel) ?? [];
  }

  /**
   * Adds a mark, or changes it, see {@link withMark}.
   *
   * @returns the mark as it is stored now, without what it asks
   * @throws {MarkError} `bad-input` (400)
   */
  put(channel: string, mark: PutMark, nowMs: number): StoredMark {
    const marks = withMark(this.of(channel), mark, nowMs);
    this.#byChannel.set(channel, marks);
    this.#folder.save(channel, marks);
    const { ask: _ask, ...stored } = marks.find(({ id }) => id === mark.id) ?? mark;
    return stored;
  }

  /** Resolves when all marks are on disk. */
  async flush(): Promise<void> {
    await this.#folder.flush();
  }
}
