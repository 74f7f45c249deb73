import type { LecternConfig } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import { describeError } from '../shared/errors.ts';
import type { JobQueue } from '../shared/job-queue.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import { mintToken } from '../shared/token.ts';
import { demandOf } from './capacity/capacity-request.ts';
import { registerCapacityMetrics } from './capacity/capacity-metrics.ts';
import { startCapacity } from './capacity/start-capacity.ts';
import { createCapacityApi } from './capacity-api.ts';
import { TranscodeSession } from './transcode-session.ts';
import { PlaceholderCache } from './tracks/placeholder-cache.ts';
import { detectFfmpeg } from './ffmpeg/detect-ffmpeg.ts';
import { warmUpFfmpeg } from './ffmpeg/run-ffmpeg.ts';
import type { TranscodeJob } from './job.ts';
import { isProvenSource } from '../shared/source-proof.ts';
import { readJob } from './read-job.ts';
import { readSource, type SourceEnd } from './source-reader.ts';
import { BroadcastReport } from './report/broadcast-report.ts';
import { registerReportMetrics } from './report/report-metrics.ts';
import { TranscodeError } from './transcode-error.ts';
import { createTranscodeMetrics } from './transcode-metrics.ts';
import type { UplinkEnding } from './uplink/origin-connection.ts';
import { Uplink } from './uplink/uplink.ts';

/** What a transcode worker is made from. */
export type TranscodeDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Closed by the role when it stops. */
  readonly queue: JobQueue<TranscodeJob>;
  /** Base URLs of the origins, without a slash at their end; asked for at each job. */
  origins(): readonly string[];
  /** Distinguishes the feeds of this worker from those of its twin: [a-z0-9]{0,8}, default ''. */
  readonly twin?: string;
};

/** Tokens are checked when a connection opens; a few minutes also cover clocks that differ. Seconds. */
const TOKEN_LIFE_S = 300;
/** How often the lag of each broadcast is counted. */
const LAG_EVERY_MS = 1000;
/** What origins are told. A worker that is stopped sends no ending: another worker continues the feed. */
const ENDINGS: Readonly<Record<SourceEnd, UplinkEnding | null>> = {
  over: 'over',
  lost: 'interrupted',
  stopped: null,
};

/**
 * Starts a transcode worker: takes jobs from the queue and sends each broadcast's tracks to the origins.
 *
 * @throws {TranscodeError} `ffmpeg-missing`, `ffmpeg-broken`, `ffmpeg-too-old` or `ffmpeg-incomplete`
 */
export async function startTranscode(deps: TranscodeDeps): Promise<Role> {
  const { config, logger, metrics: registry, queue } = deps;
  const found = await detectFfmpeg(config.ffmpegPath);
  await warmUpFfmpeg(found.program);
  logger.info({ ffmpeg: found.version, jobsAtOnce: config.jobsAtOnce }, 'transcode worker is ready');
  const { capacity, intake, stop: stopCapacity } = startCapacity({ config, ffmpeg: found, logger });
  registerCapacityMetrics(registry, capacity);

  const reports = new Set<BroadcastReport>();
  const metrics = createTranscodeMetrics(registry, () => {
    const lags = new Map<string, number>();
    for (const report of reports) {
      for (const [origin, lagMs] of report.unsentMs())
        lags.set(origin, Math.max(lags.get(origin) ?? 0, lagMs));
    }
    return lags;
  });
  const nowMs = (): number => deps.clock.nowMs();
  const lagTimer = setInterval(
    registerReportMetrics(registry, nowMs, () => reports),
    LAG_EVERY_MS,
  );
  const placeholders = new PlaceholderCache(found.program);
  let stopping = false;

  const token = (channel: string, role: 'worker' | 'encoder'): Promise<string> =>
    mintToken(config.secret, {
      ...{ sub: 'transcode', name: 'transcode', channel, role },
      exp: Math.floor(deps.clock.nowMs() / 1000) + TOKEN_LIFE_S,
    });

  const runJob = async (job: TranscodeJob, signal: AbortSignal, log: Logger): Promise<SourceEnd> => {
    const channel = config.channels.find((candidate) => candidate.id === job.channel);
    if (channel === undefined) {
      throw new TranscodeError(`transcode job: channel ${job.channel} is not configured here`, {
        code: 'bad-job',
      });
    }
    const origins = deps.origins();
    let session: TranscodeSession | null = null;
    const uplink = new Uplink({
      ...{ origins, channel: job.channel, broadcast: job.broadcast, twin: deps.twin ?? '', logger: log },
      tracks: () => session?.tracks ?? [],
      token: () => token(job.channel, 'encoder'),
      onBytes: (origin, count) => metrics.uplinkSent(origin, count),
      onReconnect: (origin) => metrics.uplinkReconnected(origin),
    });
    const admission = capacity.admit(
      { ...job, priority: channel.priority, ...demandOf(job.video, channel.ladder) },
      performance.now(),
    );
    const gaveUp = new AbortController();
    let report: BroadcastReport | null = null;
    let end: SourceEnd = 'stopped';
    try {
      const open = await TranscodeSession.open({
        ...{ job, ladder: channel.ladder, program: found.program, grant: admission.grant },
        ...{ clock: deps.clock, logger: log },
        push: (track, chunk) => uplink.push(track, chunk),
        placeholder: (plan) => placeholders.get(plan),
        onTrackAway: (track) => uplink.endTrack(track),
        onPlan: (plan, reason) => {
          log.warn(
            { level: plan.level, plan: plan.name, away: plan.away, reason },
            `encoding plan: ${plan.name}`,
          );
        },
        onRestart: (kind) => metrics.ffmpegRestarted(kind),
        onJump: () => metrics.sourceJumped(),
        onGaveUp: (error) => gaveUp.abort(error),
      });
      session = open;
      admission.measure(() => open.pids);
      const said = new BroadcastReport({
        ...{ session: open, uplink, origins, channel: job.channel, logger: log, nowMs },
        token: () => token(job.channel, 'encoder'),
      });
      report = said;
      reports.add(said);
      end = await readSource({
        url: job.sourceUrl,
        trusts: () => isProvenSource(config.secret, job),
        token: () => token(job.channel, 'worker'),
        signal: AbortSignal.any([signal, gaveUp.signal]),
        logger: log,
        onConnected: () => open.reconnected(),
        onTag: (tag) => {
          if (tag.kind === 'script') said.takeScript(tag);
          return open.push(tag);
        },
      });
      gaveUp.signal.throwIfAborted();
      // In both cases everything that was received is encoded and shown.
      if (end !== 'stopped') await open.end();
      return end;
    } catch (error) {
      // A job that fails is not retried by another worker, so origins need not wait for its feed.
      if (!signal.aborted) end = 'lost';
      throw error;
    } finally {
      admission.release();
      report?.stop();
      if (report !== null) reports.delete(report);
      await session?.stop();
      await uplink.close(ENDINGS[end]);
    }
  };

  await queue.process(intake, async (value, signal) => {
    const job = readJob(value);
    const log = logger.child({ channel: job.channel, broadcast: job.broadcast });
    metrics.jobStarted();
    log.info({ video: job.video, audio: job.audio }, 'broadcast on air');
    try {
      const end = await runJob(job, signal, log);
      metrics.jobEnded(end);
      log.info({ end }, `broadcast ended: ${end}`);
      // Its source is still alive: the queue gives the job to another worker.
      if (end === 'stopped') {
        throw new TranscodeError('the worker stopped before the broadcast did', { code: 'worker-stopped' });
      }
    } catch (error) {
      if (error instanceof TranscodeError && error.code === 'worker-stopped') throw error;
      metrics.jobEnded('failed');
      log.error({}, `transcoding failed: ${describeError(error)}`);
      throw error;
    }
  });

  return {
    name: 'transcode',
    router: createCapacityApi({
      ...{ secret: config.secret, clock: deps.clock, capacity },
      waiting: () => queue.waiting(),
    }),
    notReady: () => (stopping ? 'the transcode worker is stopping' : queue.notReady()),
    stop: async () => {
      stopping = true;
      clearInterval(lagTimer);
      await queue.close();
      await stopCapacity();
    },
  };
}
