import { join } from 'node:path';
import type { Router } from 'express';
import type { LecternConfig } from '../config/schema.ts';
import { ClientAddresses } from '../shared/client-address.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { Archive } from './archive/archive.ts';
import { addArchiveMetrics } from './archive/archive-metrics.ts';
import { ArchiveIndex } from './archive/archive-index.ts';
import { ArchiveReader } from './archive/archive-reader.ts';
import { ChannelRecorder } from './archive/channel-recorder.ts';
import { Eraser } from './archive/eraser.ts';
import { Spool } from './archive/spool.ts';
import { BroadcastLibrary } from './broadcasts/broadcast-library.ts';
import { BroadcastTracker } from './broadcasts/broadcast-tracker.ts';
import { CutParts } from './broadcasts/cut-parts.ts';
import { Housekeeping } from './broadcasts/housekeeping.ts';
import type { Channels } from './live/channels.ts';
import type { BroadcastRecord } from './broadcasts/broadcast-record.ts';
import { StudentAttendances } from './attendance/student-attendances.ts';
import { createAttendanceApi } from './http/api/attendance-api.ts';
import { createBroadcastsApi } from './http/api/broadcasts-api.ts';
import { createStudentDataApi } from './http/api/student-data-api.ts';
import { DownloadHandler } from './http/api/download-handler.ts';
import { TimeshiftHandler } from './http/playback/timeshift-handler.ts';
import { ReplayHandler } from './http/playback/replay-handler.ts';
import { type StoredMark, withMark } from './marks/mark.ts';
import { Replay } from './replay/replay.ts';
import { StartOver } from './replay/start-over.ts';
import { Storyboards } from './storyboard/storyboards.ts';
import { openStore } from './store/open-store.ts';

/** What the archive is built from. */
export type OriginArchiveDeps = {
  readonly config: LecternConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly channels: Channels;
};

/** The part of an origin that stores what was on air, and plays it again. */
export type OriginArchive = {
  /** Serves what has left the live window, below the live paths. */
  readonly timeshift: TimeshiftHandler;
  /** Serves `/replay`. */
  readonly replays: ReplayHandler;
  /** What was cut off recordings. */
  readonly cuts: CutParts;
  /** The library's API. */
  readonly routers: readonly Router[];
  /**
   * Stores a mark with the broadcast that it lies in.
   *
   * @returns that broadcast; null where there is none
   * @throws {StoreError} `store-unavailable` (503)
   */
  storeMark(
    channel: string,
    mark: StoredMark,
  ): Promise<{ readonly id: string; readonly startMs: number } | null>;
  /** The broadcast that is on air on a channel. */
  broadcastOf(channel: string): { readonly id: string; readonly startMs: number } | null;
  /** Gives puts in progress a moment to end; what is not stored by then stays in the spool. */
  stop(): Promise<void>;
};

/** How often the index in the store is updated, in milliseconds: replays on other origins lag by as much. */
const FLUSH_MS = 5000;
const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;

/**
 * Starts the archive: closed segments of all channels are stored, and played again from the store.
 *
 * @throws {StoreError} when the store's settings are wrong; {ArchiveError} `bad-data-dir`
 */
export async function startArchive(deps: OriginArchiveDeps): Promise<OriginArchive> {
  const { config, clock, metrics, logger, channels } = deps;
  const { spoolMiB, cacheMiB, startOverHours } = config.archive;
  const store = await openStore(config, logger);
  const spool = await Spool.open(join(config.dataDir, 'spool'));
  const nowMs = (): number => clock.nowMs();
  const index = new ArchiveIndex(store, nowMs);
  const limits = { maxSpoolBytes: spoolMiB * MIB, flushMs: FLUSH_MS };
  const archive = new Archive({ ...{ store, spool, index, clock, logger }, ...limits });
  await archive.start();
  const reader = new ArchiveReader({ store, spool, index, cacheBytes: cacheMiB * MIB, nowMs });
  const startOver = new StartOver({ index, reader, maxMs: startOverHours * HOUR_MS });
  const replay = new Replay({ index, reader, nowMs });
  const library = new BroadcastLibrary(store, logger);
  const eraser = new Eraser({ store, index, reader, archive });
  const addresses = new ClientAddresses(config.http.trustedProxies, (proxy) => {
    logger.warn(
      { proxy },
      `requests come through ${proxy}, which http.trustedProxies does not name: limits by address count all of its clients as one`,
    );
  });
  const cuts = new CutParts(library, nowMs);
  const storyboards = new Storyboards({
    ...{ store, index, reader, logger, program: config.ffmpegPath },
    onMade: (channel, id) => {
      const broadcast = library.get(channel, id);
      if (broadcast !== undefined) library.put({ ...broadcast, hasStoryboard: true });
    },
  });
  const tracker = new BroadcastTracker({
    ...{ library, store, index, storyboards, logger, nowMs },
    config: (channel) => channels.config(channel),
    onOver: (channel) => archive.flushSoon(channel),
  });
  const housekeeping = new Housekeeping({
    ...{ config, store, library, tracker, eraser, storyboards, logger, nowMs },
    replay: {
      invalidate: (channel) => {
        replay.invalidate(channel);
        startOver.invalidate(channel);
      },
    },
  });
  channels.onOpen((id, live) => {
    live.leaveOut((fromMs) => cuts.since(id, fromMs));
    const recorder = new ChannelRecorder(id, live, archive, reader);
    const look = tracker.follow(id, live);
    live.onLate((late) => {
      recorder.takeLate(late);
      tracker.recover(id, late.segment, live.settings.gridUnits);
    });
    live.onChange(() => {
      recorder.takeClosed();
      look();
    });
  });
  housekeeping.start();
  addArchiveMetrics(metrics, archive, reader);
  return {
    timeshift: new TimeshiftHandler({ reader, startOver }),
    cuts,
    replays: new ReplayHandler({
      ...{ channels, replay, clock, logger, playback: config, cuts },
      marksOf: (channel) => library.of(channel).flatMap(({ marks }) => marks ?? []),
    }),
    routers: [
      createAttendanceApi({ store, library, secret: config.secret, clock }),
      createStudentDataApi({
        ...{ students: new StudentAttendances(store), secret: config.secret, clock },
        requireChannel: (channel) => void channels.config(channel),
      }),
      createBroadcastsApi({
        ...{ library, clock, logger, playback: config, cuts },
        downloads: new DownloadHandler({
          ...{ index, reader, logger },
          limits: { most: config.archive.downloads, mostPerAddress: config.archive.downloadsPerAddress },
          clientAddress: (req) => addresses.of(req),
        }),
        storyboards,
      }),
    ],
    storeMark: async (channel, mark) => {
      const { atMs } = mark;
      const isIn = ({ startMs, endMs }: BroadcastRecord): boolean =>
        startMs <= atMs && (endMs ?? atMs) >= atMs;
      const found = library.of(channel).find(isIn);
      if (found === undefined) return null;
      const { id, startMs } = await library.change(channel, found.id, (broadcast) => ({
        ...broadcast,
        marks: [...withMark(broadcast.marks ?? [], mark, nowMs())],
      }));
      return { id, startMs };
    },
    broadcastOf: (channel) => {
      const open = tracker.openOn(channel);
      return open === null ? null : { id: open.id, startMs: open.startMs };
    },
    stop: async () => {
      housekeeping.stop();
      await storyboards.stop();
      await archive.stop();
      await library.stop();
      await store.close();
    },
  };
}
