import { Counter } from 'prom-client';
import express from 'express';
import type { LecternConfig } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import { Channels } from './live/channels.ts';
import { createChannelsApi } from './http/api/channels-api.ts';
import { MediaHandler } from './http/playback/media-handler.ts';
import { createPages } from './http/pages.ts';
import { PushHandler } from './http/push/push-handler.ts';
import { startArchive } from './archive-role.ts';
import { createMarksApi } from './http/api/marks-api.ts';
import { ChannelMarks } from './marks/channel-marks.ts';
import { openRunLogs } from './run-log-folder.ts';
import { loadSlate } from './slate/load-slate.ts';

/** What the origin is built from. */
export type OriginDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Folder of the built pages. */
  readonly pagesDir: string;
};

/** How often channels that somebody watches are moved along by the clock alone, in milliseconds. */
const TICK_MS = 50;

/**
 * Starts the origin: chunks in at `/ingest`, playlists and media out at `/live` and `/media`, the API and the pages.
 *
 * @throws {RunLogError} `bad-data-dir`
 */
export async function startOrigin(deps: OriginDeps): Promise<Role> {
  const { config, clock, metrics } = deps;
  const logger = deps.logger.child({ role: 'origin' });
  const runLogs = await openRunLogs(config.dataDir, logger);
  const ids = config.channels.map(({ id }) => id);
  const marks = await ChannelMarks.open(config.dataDir, ids, logger);
  const channels = new Channels({
    config,
    clock,
    slate: loadSlate(new URL('./slate/', import.meta.url)),
    logs: await runLogs.load(ids),
    keep: (channel, snapshot) => {
      const run = snapshot.runs.at(-1);
      logger.info(
        { channel, group: run?.group, segment: run?.firstNumber },
        `${channel}: ${run?.state ?? 'nothing'} from here on`,
      );
      runLogs.save(channel, snapshot);
    },
  });
  channels.onOpen((id, live) => live.setMarks(marks.of(id)));
  const archive = config.archive.enabled ? await startArchive(deps, channels, logger) : null;
  const media = new MediaHandler({
    ...{ channels, clock, logger, playback: config },
    past: archive?.past ?? null,
  });
  const count = countPushes(metrics);
  const push = new PushHandler({ channels, clock, logger, secret: config.secret, ...count });
  const ticker = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const channel of channels.live.values()) {
      if (channel.isAwake(nowMs)) channel.advance(nowMs);
      else channel.rest(nowMs);
    }
    media.expire(nowMs);
  }, TICK_MS);
  watch(metrics, channels, media, clock);

  const router = express.Router();
  const broadcastOf = (channel: string) => archive?.broadcastOf(channel) ?? null;
  router.use(createChannelsApi({ channels, clock, secret: config.secret, broadcastOf }));
  router.use(
    createMarksApi({
      ...{ channels, book: marks, clock, playback: config },
      keep: async (channel, mark) => archive?.keepMark(channel, mark) ?? null,
    }),
  );
  for (const more of archive?.routers ?? []) router.use(more);
  router.use(createPages(deps.pagesDir));

  return {
    name: 'origin',
    handle: (req, res) => {
      if (media.handle(req, res) || archive?.replays.handle(req, res) === true) return true;
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      if (!path.startsWith('/ingest/')) return false;
      push.handle(req, res, path.split('/').slice(2));
      return true;
    },
    router,
    notReady: () => null,
    stop: async () => {
      clearInterval(ticker);
      push.stop();
      media.stop();
      await archive?.stop();
      await runLogs.flush();
      await marks.flush();
    },
  };
}

function countPushes(metrics: Metrics): { onBytes(count: number): void; onRefused(code: string): void } {
  const registers = [metrics];
  const bytes = new Counter({
    name: 'lectern_push_bytes_total',
    help: 'CMAF bytes taken from uplinks and encoders',
    registers,
  });
  const refused = new Counter({
    name: 'lectern_push_refused_total',
    help: 'Pushes refused, by code',
    labelNames: ['code'] as const,
    registers,
  });
  return { onBytes: (count) => bytes.inc(count), onRefused: (code) => refused.inc({ code }) };
}

function watch(metrics: Metrics, channels: Channels, media: MediaHandler, clock: Clock): void {
  const gauge = (name: string, help: string, read: () => number): void => addGauge(metrics, name, help, read);
  gauge('lectern_waiting_requests', 'Requests held for what is about to come', () => media.waitingCount);
  gauge('lectern_channels_awake', 'Channels that somebody watches or publishes to', () => {
    const nowMs = clock.nowMs();
    return [...channels.live.values()].filter((channel) => channel.isAwake(nowMs)).length;
  });
  gauge('lectern_channels_on_air', 'Channels with a class on air', () => {
    const nowMs = clock.nowMs();
    return [...channels.live.values()].filter((channel) => channel.state(nowMs).state === 'on-air').length;
  });
}
