import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { type Pipeline, startPipeline } from '../../cli/pipeline.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { ROLE_NAMES, type RoleName } from '../../shared/role.ts';
import { mintToken, type TokenRole } from '../../shared/token.ts';
import { waitForRunState } from './run-state.ts';
import { makeTempDir } from './temp-dir.ts';

/** A whole pipeline of a test's own, in this process, on ports and in a folder that nobody else has. */
export type TestPipeline = {
  readonly url: string;
  readonly port: number;
  readonly pipeline: Pipeline;
  /** The data folder; outlives {@link stop} when it was given. */
  readonly dataDir: string;
  /** Where to publish a channel, with its key: `rtmp://127.0.0.1:40123/live/hall-7?key=…`. */
  publishUrl(channel: string, key?: string): string;
  /** An Authorization header for all channels. */
  authorization(role: TokenRole): Promise<string>;
  /** Waits until a channel's own playlist says so: `on-air`, `interrupted`, … */
  waitForState(channel: string, state: string, withinMs?: number): Promise<void>;
  stop(): Promise<void>;
};

/** A channel for tests, `hall-7`, with the key `hall-7-stream-key`. */
export const HALL_7_YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
`;

/** Signs the tokens of test pipelines. */
export const TEST_SECRET = 'a-secret-of-some-length';

/**
 * Starts a pipeline.
 *
 * @param options.yaml the configuration, but for ports, data folder and secret; a channel `hall-7` when left out
 * @param options.httpPort and `rtmpPort`: any free ones when left out; given to start again where one was
 * @param options.dataDir kept by whoever gives it
 */
export async function startTestPipeline(
  options: {
    readonly yaml?: string;
    readonly roles?: readonly RoleName[];
    readonly httpPort?: number;
    readonly rtmpPort?: number;
    readonly dataDir?: string;
    readonly redisUrl?: string;
    readonly logger?: Logger;
  } = {},
): Promise<TestPipeline> {
  const own = options.dataDir === undefined ? makeTempDir() : null;
  const dataDir = options.dataDir ?? own?.path ?? '';
  const file = join(dataDir, 'lectern.yaml');
  writeFileSync(file, options.yaml ?? HALL_7_YAML);
  const loaded = loadConfig(file, {
    LECTERN_DATA_DIR: dataDir,
    LECTERN_SECRET: TEST_SECRET,
    REDIS_URL: options.redisUrl,
    FFMPEG_PATH: process.env['FFMPEG_PATH'],
  });
  const config = {
    ...loaded,
    http: { ...loaded.http, host: '127.0.0.1', port: options.httpPort ?? 0 },
    rtmp: { ...loaded.rtmp, host: '127.0.0.1', port: options.rtmpPort ?? 0 },
  };
  const pipeline = await startPipeline({
    config,
    roles: options.roles ?? ROLE_NAMES,
    logger: options.logger ?? silentLogger,
  });
  return {
    url: pipeline.url,
    port: Number(new URL(pipeline.url).port),
    pipeline,
    dataDir,
    publishUrl: (channel, key) => {
      const known = config.channels.find(({ id }) => id === channel)?.publishKey ?? '';
      return `${pipeline.rtmpUrl}/${channel}?key=${encodeURIComponent(key ?? known)}`;
    },
    authorization: async (role) => {
      const exp = Math.floor(Date.now() / 1000) + 3600;
      return `Bearer ${await mintToken(TEST_SECRET, { sub: 'test', name: 'test', channel: '*', role, exp })}`;
    },
    waitForState: (channel, state, withinMs = 30_000) =>
      waitForRunState(pipeline.url, channel, state, withinMs),
    stop: async () => {
      await pipeline.stop();
      own?.remove();
    },
  };
}
