import type { LecternConfig } from '../config/schema.ts';
import { channelsWithShortKeys, SAFE_KEY_CHARACTERS } from '../config/short-keys.ts';
import { awakeMs } from '../shared/awake-time.ts';
import type { Clock } from '../shared/clock.ts';
import type { JobQueue } from '../shared/job-queue.ts';
import { sparing, type Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import type { TranscodeJob } from '../transcode/job.ts';
import { createSourceEndpoint } from './source/source-endpoint.ts';
import { SourceStreams } from './source/source-streams.ts';
import { mintToken } from '../shared/token.ts';
import { createIngestApi } from './ingest-api.ts';
import { countRefusal, createIngestMetrics, registerConnections, registerLineLag } from './ingest-metrics.ts';
import { Publishers } from './publish/publishers.ts';
import { WaitingNotices } from './publish/waiting-notices.ts';
import { RtmpListener } from './rtmp/rtmp-listener.ts';

/** What ingest is started with. */
export type IngestDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Receives the jobs; ingest does not close it. */
  readonly queue: JobQueue<TranscodeJob>;
  /** Where transcode workers reach this ingest's HTTP, without a slash at its end. */
  publicUrl(): string;
  /** Base URLs of the origins, without a slash at their end: told of encoders that send nothing yet. None when left out. */
  readonly origins?: readonly string[];
  /** Codecs that the workers' ffmpeg cannot decode; none when left out. */
  readonly undecodable?: ReadonlySet<string>;
};

/** The running role and the RTMP port that it listens on. */
export type IngestRole = Role & { readonly rtmpPort: number };

/** A peer is disconnected when its handshake, or its `publish`, takes longer than this. */
const HANDSHAKE_MS = 5000;
const PUBLISH_MS = 10_000;
const OVERFLOW_LOG_MS = 10_000;
/** How often the lag of each publisher is counted. */
const LAG_EVERY_MS = 1000;
/** How long a token for an origin is valid, seconds. */
const TOKEN_LIFE_S = 60;

/**
 * Starts ingest: RTMP in on `config.rtmp`; for each broadcast one FLV source over HTTP and one job in the queue.
 *
 * @throws {IngestError} `rtmp-listen-failed` when the RTMP address cannot be bound
 */
export async function startIngest(deps: IngestDeps): Promise<IngestRole> {
  const { config, clock, queue } = deps;
  const logger = deps.logger.child({ role: 'ingest' });
  const metrics = createIngestMetrics(deps.metrics);
  const sources = new SourceStreams();
  // A flood of connections must not flood the log; the metric counts them all.
  const overflowLog = sparing(logger, OVERFLOW_LOG_MS, () => clock.nowMs());
  const undecodable = deps.undecodable ?? new Set<string>();
  const publishers = new Publishers({
    ...{ config, clock, queue, logger, metrics, sources, undecodable },
    publicUrl: () => deps.publicUrl(),
  });
  const { host, port, maxConnections, silenceMs } = config.rtmp;
  const times = { handshakeMs: Math.min(HANDSHAKE_MS, silenceMs), publishMs: PUBLISH_MS, silenceMs };
  const listener = new RtmpListener(
    { host, port, maxConnections, ...times, undecodable, nowMs: awakeMs },
    publishers,
    (remote, open) => {
      countRefusal(metrics, 'too-many-connections');
      overflowLog.warn({ remote }, `connection refused: ${open}`);
    },
  );
  warnOfShortKeys(config, logger);
  const rtmpPort = await listener.listen();
  registerConnections(deps.metrics, () => listener.connections);
  logger.info({ host, port: rtmpPort }, 'RTMP listens');
  const countLags = registerLineLag(
    deps.metrics,
    () => clock.nowMs(),
    () => publishers.publications(),
  );
  const lagTimer = setInterval(countLags, LAG_EVERY_MS);
  const notices = new WaitingNotices({
    origins: deps.origins ?? [],
    waiting: () => publishers.waiting(),
    token: (channel) => {
      const exp = Math.floor(clock.nowMs() / 1000) + TOKEN_LIFE_S;
      return mintToken(config.secret, { sub: 'ingest', name: 'ingest', channel, role: 'encoder', exp });
    },
    logger,
    nowMs: () => clock.nowMs(),
  });
  let stopped = false;

  return {
    name: 'ingest',
    rtmpPort,
    handle: createSourceEndpoint({ secret: config.secret, clock, logger, metrics, sources }),
    router: createIngestApi(config, clock, publishers, () => rtmpPort),
    notReady: () => (stopped ? 'ingest has stopped' : queue.notReady()),
    stop: async () => {
      stopped = true;
      clearInterval(lagTimer);
      notices.stop();
      await listener.close();
      sources.clear();
    },
  };
}

function warnOfShortKeys({ channels }: LecternConfig, logger: Logger): void {
  const short = channelsWithShortKeys(channels);
  if (short.length === 0) return;
  // A city has more channels than belong into one line.
  const fields = { channels: short.slice(0, 20), count: short.length };
  logger.warn(
    fields,
    `publish keys of fewer than ${SAFE_KEY_CHARACTERS} characters can be guessed: set longer ones`,
  );
}
