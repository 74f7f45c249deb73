import type { LecternConfig } from '../config/schema.ts';
import { startIngest } from '../ingest/main.ts';
import { startOrigin } from '../origin/main.ts';
import type { Clock } from '../shared/clock.ts';
import { localAddress } from '../shared/http-server.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role, RoleName } from '../shared/role.ts';
import { startRollCall } from '../rollcall/main.ts';
import { apiDocument } from './api-document.ts';
import { undecodableCodecs } from '../transcode/ffmpeg/detect-ffmpeg.ts';
import { startTranscode } from '../transcode/main.ts';
import { createJobQueue } from '../transcode/queue/create-job-queue.ts';

/** Options of {@link startRoles}. */
export type RolesOptions = {
  readonly config: LecternConfig;
  /** The logger of a role; its error lines show in `/healthz`. */
  readonly loggerOf: (role: RoleName) => Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly names: readonly RoleName[];
  /** Where this process's HTTP server is reached from this machine. */
  readonly publicUrl: string;
  /** Folder of the built pages. */
  readonly pagesDir: string;
  /** Called with each role when it has started. */
  readonly onStarted: (role: Role) => void;
};

/**
 * Starts roles, receivers of media before its senders: when a publisher can connect, the rest of the pipeline is running.
 *
 * @returns the RTMP address for publishers; null without the role ingest
 * @throws {AppError} any error of a role's start; `onStarted` was called for the roles before it
 */
export async function startRoles(options: RolesOptions): Promise<{ readonly rtmpUrl: string | null }> {
  const { config, loggerOf, clock, metrics, names, onStarted } = options;
  const shared = { config, clock, metrics };
  const wants = (name: RoleName): boolean => names.includes(name);

  if (wants('origin')) {
    const { pagesDir } = options;
    onStarted(
      await startOrigin({ ...shared, logger: loggerOf('origin'), pagesDir, apiDocument: apiDocument() }),
    );
  }
  const origins = config.origins.length > 0 ? config.origins : [options.publicUrl];
  if (wants('rollcall') && config.rollCall.enabled) {
    onStarted(await startRollCall({ ...shared, logger: loggerOf('rollcall'), origins: () => origins }));
  }
  if (!wants('transcode') && !wants('ingest')) return { rtmpUrl: null };

  const queue = createJobQueue({ config, logger: loggerOf(wants('transcode') ? 'transcode' : 'ingest') });
  if (wants('transcode')) {
    onStarted(
      await startTranscode({ ...shared, logger: loggerOf('transcode'), queue, origins: () => origins }),
    );
  }
  if (!wants('ingest')) return { rtmpUrl: null };

  const publicUrl = config.ingestUrl ?? options.publicUrl;
  const ingest = await startIngest({
    ...shared,
    logger: loggerOf('ingest'),
    queue,
    publicUrl: () => publicUrl,
    // One without `origins` and without an origin in its process knows none.
    origins: wants('origin') ? origins : config.origins,
    // Workers on other machines are taken to decode what this one's ffmpeg does; without one here, everything.
    undecodable: await undecodableCodecs(config.ffmpegPath).catch(() => new Set<string>()),
  });
  // A transcode role closes the queue; without one in this process, ingest closes it.
  const stop = async (): Promise<void> => {
    await ingest.stop();
    if (!wants('transcode')) await queue.close();
  };
  onStarted({ ...ingest, stop });
  return { rtmpUrl: `rtmp://${localAddress(config.rtmp.host)}:${ingest.rtmpPort}/live` };
}
