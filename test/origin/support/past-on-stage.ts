import { join } from 'node:path';
import { Archive } from '../../../origin/archive/archive.ts';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { ChannelRecorder } from '../../../origin/archive/channel-recorder.ts';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { CutParts } from '../../../origin/broadcasts/cut-parts.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { TimeshiftHandler } from '../../../origin/http/playback/timeshift-handler.ts';
import { ReplayHandler } from '../../../origin/http/playback/replay-handler.ts';
import { Replay } from '../../../origin/replay/replay.ts';
import { StartOver } from '../../../origin/replay/start-over.ts';
import { silentLogger } from '../../../shared/logger.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { OriginOnStage, type PastOnStage } from './origin-on-stage.ts';

/** An origin on the stage that keeps what is on air. */
export type RecordingOrigin = {
  readonly origin: OriginOnStage;
  readonly archive: Archive;
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly replay: Replay;
  /** What the library knows of its broadcasts, for what was cut off them: to be filled by the test. */
  readonly broadcasts: BroadcastRecord[];
  readonly cuts: CutParts;
  /** How much of the library is known: all of it, until the test says otherwise; and whose broadcasts were asked for. */
  readonly library: { isLoaded: boolean; isWhole: boolean; readonly asked: Set<string> };
  stop(): Promise<void>;
};

/**
 * Makes an origin on the stage with an archive, and listens.
 *
 * @param maxStartOverMs how far back a start-over may go, milliseconds
 * @param before the process that this one was started in place of
 */
export async function recordingOrigin(
  store: ObjectStore,
  folder: string,
  yaml = '',
  maxStartOverMs = 6 * 3_600_000,
  before: OriginOnStage | null = null,
): Promise<RecordingOrigin> {
  const spool = await Spool.open(join(folder, 'spool'));
  let now = (): number => before?.nowMs ?? 0;
  const nowMs = (): number => now();
  const clock = { nowMs };
  const index = new ArchiveIndex(store, nowMs);
  const limits = { maxSpoolBytes: 1e9, flushMs: 1e6 };
  const archive = new Archive({ ...{ store, spool, index, clock }, logger: silentLogger, ...limits });
  await archive.start();
  const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e7, nowMs });
  const replay = new Replay({ index, reader, nowMs });
  const broadcasts: BroadcastRecord[] = [];
  const library = { isLoaded: true, isWhole: true, asked: new Set<string>() };
  const of = (wanted: string, isDeleted: boolean): BroadcastRecord[] => {
    library.asked.add(wanted);
    return broadcasts.filter(
      ({ channel, deletedMs }) => channel === wanted && (deletedMs !== undefined) === isDeleted,
    );
  };
  const cutLibrary = {
    of: (id: string) => of(id, false),
    deletedOf: (id: string) => of(id, true),
    get isLoaded() {
      return library.isLoaded;
    },
    isWhole: () => library.isLoaded && library.isWhole,
  };
  const cuts = new CutParts(cutLibrary, nowMs);
  const pastOf = ({ channels, config, logger }: OriginOnStage): PastOnStage => {
    channels.onOpen((id, live) => {
      live.leaveOut((fromMs) => cuts.since(id, fromMs));
      const recorder = new ChannelRecorder(id, live, archive, reader);
      live.onChange(() => recorder.takeClosed());
    });
    const startOver = new StartOver({ index, reader, maxMs: maxStartOverMs });
    return {
      timeshift: new TimeshiftHandler({ reader, startOver }),
      replays: new ReplayHandler({
        ...{ channels, replay, clock, logger },
        playback: config,
        marksOf: (id) => of(id, false).flatMap(({ marks }) => marks ?? []),
        cuts,
      }),
      cuts,
    };
  };
  const origin = new OriginOnStage(yaml, pastOf, before);
  now = () => origin.nowMs;
  await origin.listen();
  return {
    ...{ origin, archive, index, reader, replay, broadcasts, cuts, library },
    stop: async () => {
      await origin.stop();
      await archive.stop();
    },
  };
}
