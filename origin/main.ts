import express from 'express';
import type { LecternConfig } from '../config/schema.ts';
import { ClientAddresses } from '../shared/client-address.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import { startArchive } from './origin-archive.ts';
import { AdmissionHandler } from './http/admission/admission-handler.ts';
import { addAdmissionMetrics } from './http/admission/admission-metrics.ts';
import { TICK_EVERY_MS } from './http/admission/loop-lateness.ts';
import { createChannelsApi } from './http/api/channels-api.ts';
import { createDocumentApi } from './http/api/document-api.ts';
import { createMarksApi } from './http/api/marks-api.ts';
import { createViewerTokenApi } from './http/api/viewer-token-api.ts';
import { createPages } from './http/pages.ts';
import { MediaHandler } from './http/playback/media-handler.ts';
import { addPlaybackMetrics } from './http/playback/playback-metrics.ts';
import { PushHandler } from './http/push/push-handler.ts';
import { createPushMetrics } from './http/push/push-metrics.ts';
import { AirWatch } from './live/air-watch.ts';
import { addChannelMetrics } from './live/channel-metrics.ts';
import { Channels } from './live/channels.ts';
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
  /** The OpenAPI document of all roles. */
  readonly apiDocument: object;
};

/** How often awake channels are moved on by the clock, in milliseconds. */
const TICK_MS = 50;
/** How often the lag of each class is counted, in milliseconds. */
const LAG_EVERY_MS = 1000;

/**
 * Starts the origin: chunks in at `/ingest`; playlists and media out at `/live`, `/media` and `/replay`; the API and the
 * pages.
 *
 * @throws {RunLogError} `bad-data-dir`
 */
export async function startOrigin(deps: OriginDeps): Promise<Role> {
  const { config, clock, metrics } = deps;
  const logger = deps.logger.child({ role: 'origin' });
  const ids = config.channels.map(({ id }) => id);
  const runLogs = await openRunLogs(config.dataDir, logger);
  const marks = await ChannelMarks.open(config.dataDir, ids, logger);
  const channels = new Channels({
    config,
    clock,
    slate: loadSlate(new URL('./slate/', import.meta.url)),
    logs: await runLogs.load(ids),
    saveRuns: (channel, snapshot) => {
      const run = snapshot.runs.at(-1);
      logger.info(
        { channel, group: run?.group, segment: run?.firstNumber },
        `${channel}: ${run?.state ?? 'nothing'} from here on`,
      );
      runLogs.save(channel, snapshot);
    },
  });
  channels.onOpen((id, channel) => channel.setMarks(marks.of(id)));
  // A pause of this process is no silence of a teacher, and no clock that is set makes one.
  clock.onMissed?.((missedMs) => channels.excuse(missedMs));
  const archive = config.archive.enabled
    ? await startArchive({ config, clock, metrics, logger, channels })
    : null;
  const playback = { channels, clock, logger, playback: config };
  const media = new MediaHandler({
    ...playback,
    timeshift: archive?.timeshift ?? null,
    cuts: archive?.cuts ?? null,
  });
  const push = new PushHandler({
    ...{ clock, logger, secret: config.secret, ...createPushMetrics(metrics) },
    channel: (id) => channels.get(id),
  });
  addChannelMetrics(metrics, channels, clock);
  addPlaybackMetrics(metrics, media);
  const admission = config.admission.enabled
    ? new AdmissionHandler({
        ...{ limits: config.admission, secret: config.secret, clock, logger, random: Math.random },
        steadyMs: () => performance.now(),
        cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
      })
    : null;
  if (admission !== null) addAdmissionMetrics(metrics, admission);
  const admissionTicker = setInterval(() => admission?.tick(), TICK_EVERY_MS);
  const air = new AirWatch({ channels, clock, metrics, logger });
  const lagTimer = setInterval(() => air.look(), LAG_EVERY_MS);
  const ticker = setInterval(() => {
    const nowMs = clock.nowMs();
    channels.tick(nowMs);
    media.expire(nowMs);
  }, TICK_MS);

  const addresses = new ClientAddresses(config.http.trustedProxies, (proxy, message) => {
    logger.warn({ proxy }, message);
  });
  const router = express.Router();
  const broadcastOf = (channel: string) => archive?.broadcastOf(channel) ?? null;
  router.use(createChannelsApi({ channels, clock, playback: config, broadcastOf }));
  router.use(
    createMarksApi({
      ...{ channels, marks, clock, playback: config, cuts: archive?.cuts ?? null },
      store: async (channel, mark) => archive?.storeMark(channel, mark) ?? null,
    }),
  );
  for (const more of archive?.routers ?? []) router.use(more);
  router.use(createViewerTokenApi({ config, clock, isSecure: (req) => addresses.isSecure(req) }));
  router.use(createDocumentApi(deps.apiDocument));
  router.use(createPages(deps.pagesDir, config.http));

  return {
    name: 'origin',
    handle: (req, res) =>
      admission?.handle(req, res) === true ||
      media.handle(req, res) ||
      archive?.replays.handle(req, res) === true ||
      push.handle(req, res),
    router,
    notReady: () => null,
    stop: async () => {
      clearInterval(ticker);
      clearInterval(lagTimer);
      clearInterval(admissionTicker);
      push.stop();
      media.stop();
      await archive?.stop();
      await runLogs.flush();
      await marks.flush();
    },
  };
}
