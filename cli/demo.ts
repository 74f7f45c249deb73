import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ConfigError, loadConfig, parseConfig } from '../config/load.ts';
import type { LecternConfig } from '../config/schema.ts';
import { FILE_MODE, FOLDER_MODE } from '../shared/durable-file.ts';
import { AppError } from '../shared/errors.ts';
import { endWithSignals } from '../shared/lifecycle.ts';
import { createLogger } from '../shared/logger.ts';
import { ROLE_NAMES } from '../shared/role.ts';
import { mintToken } from '../shared/token.ts';
import { DEMO_CHANNEL, demoConfigYaml } from './demo-config.ts';
import { findFont, startDemoPublisher } from './demo-publisher.ts';
import { type Edge, startEdge } from './edge/start-edge.ts';
import { fetchRunState } from './on-air.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { raisePriority, workOf } from './priority.ts';
import { readOptions } from './usage.ts';

const STOP_WITHIN_MS = 10_000;
/** The demo fails when the lecture is not on air after this time, in milliseconds. */
const ON_AIR_WITHIN_MS = 60_000;
const POLL_MS = 250;
/** Lifetime of the tokens in the printed addresses, in seconds. */
const VISIT_S = 12 * 3600;

/**
 * `lectern demo`: the whole pipeline with a sample class on air over real RTMP. Prints the address once it plays.
 *
 * @throws {AppError} any error of the start
 */
export async function demoCommand(args: readonly string[]): Promise<void> {
  const hasEdge = args.includes('--edge');
  const options = readOptions(
    args.filter((arg) => arg !== '--edge'),
    ['config', 'host'],
  );
  const given = demoConfig(options.config ?? process.env['LECTERN_CONFIG'], options.host);
  const config = hasEdge ? { ...given, edgeChecksTokens: true } : given;
  const channel = config.channels.find(({ id }) => id === DEMO_CHANNEL) ?? config.channels[0];
  if (channel === undefined) {
    throw new ConfigError('channels: the demo needs one to publish to', { code: 'bad-config' });
  }
  // Only warnings and errors: the log is printed in the user's terminal.
  const logger = createLogger('warn');
  raisePriority(logger, workOf(ROLE_NAMES));
  const pipeline = await startPipeline({ config, roles: ROLE_NAMES, logger, withProcessMetrics: true });
  const edge = hasEdge ? await startDemoEdge(config, pipeline) : null;
  const fontFile = await findFont(config.ffmpegPath);
  const publisher = startDemoPublisher({
    ffmpegPath: config.ffmpegPath,
    rtmpUrl: `${pipeline.rtmpUrl}/${channel.id}?key=${encodeURIComponent(channel.publishKey)}`,
    fontFile,
    logger,
  });
  endWithSignals({
    logger,
    stopWithinMs: STOP_WITHIN_MS,
    stop: async () => {
      await publisher.stop();
      await edge?.stop();
      await pipeline.stop();
    },
  });

  process.stdout.write('starting the sample class …\n');
  // With access: token, the demo makes tokens for itself and for the printed addresses.
  const token = config.access === 'open' ? null : await visitorToken(config.secret);
  const front = edge?.url ?? pipeline.url;
  await waitUntilOnAir(token === null ? front : `${front}/t/${token}`, channel.id);
  const { url, rtmpUrl } = pipeline;
  const teacherToken = await mintToken(config.secret, {
    ...{ sub: 'demo-teacher', name: 'Demo teacher', channel: channel.id, role: 'teacher' },
    exp: Math.floor(Date.now() / 1000) + VISIT_S,
  });
  process.stdout.write(
    announcement({
      ...{ url: edge?.url ?? url, originUrl: edge === null ? null : url, rtmpUrl: rtmpUrl ?? '' },
      ...{ channel: channel.id, config, token, teacherToken },
    }),
  );
}

function demoConfig(path: string | undefined, host: string | undefined): LecternConfig {
  if (path !== undefined && path !== '') return loadConfig(path);
  const { dataDir } = parseConfig('', process.env);
  const file = join(dataDir, 'demo.yaml');
  try {
    mkdirSync(dataDir, { recursive: true, mode: FOLDER_MODE });
    writeFileSync(file, demoConfigYaml(host), { mode: FILE_MODE });
  } catch (cause) {
    throw new ConfigError(`data folder ${dataDir} cannot be used`, { code: 'bad-data-dir', cause });
  }
  return loadConfig(file);
}

/** Puts Varnish in front, on a free port. */
async function startDemoEdge(config: LecternConfig, pipeline: Pipeline): Promise<Edge> {
  try {
    return await startEdge({
      ...{ access: config.access, secret: config.secret, basePath: config.http.basePath },
      ...{ origins: [pipeline.url], host: config.http.host, port: await freePort(), storageMiB: 256 },
      onEnded: (said) => process.stderr.write(`the edge has ended; its last words:\n${said}\n`),
    });
  } catch (error) {
    await pipeline.stop();
    throw error;
  }
}

/** A port that nothing listens on: Varnish cannot be asked which one it has taken. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function waitUntilOnAir(url: string, channel: string): Promise<void> {
  const deadline = Date.now() + ON_AIR_WITHIN_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    last = await fetchRunState(url, channel);
    if (last === 'on-air') return;
    await after(POLL_MS);
  }
  throw new AppError(
    `channel ${channel} is not on air after ${ON_AIR_WITHIN_MS / 1000} s: its state is ${JSON.stringify(last)}; the lines above say more`,
    { code: 'demo-not-on-air' },
  );
}

function visitorToken(secret: string): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + VISIT_S;
  return mintToken(secret, { sub: 'demo', name: 'A visitor', channel: '*', role: 'student', exp });
}

/**
 * Renders what the demo prints once the class is on air.
 *
 * @param url where viewers go
 * @param originUrl where the edge gets it all from; null without an edge
 * @param channel id of the one that the sample lecture goes to
 * @param token for the pages; null where no token is required
 */
export function announcement({
  url,
  originUrl = null,
  rtmpUrl,
  channel,
  config,
  token,
  teacherToken,
}: {
  readonly url: string;
  readonly originUrl?: string | null;
  readonly rtmpUrl: string;
  readonly channel: string;
  readonly config: Pick<LecternConfig, 'channels'>;
  readonly token: string | null;
  /** Of a teacher of this channel. */
  readonly teacherToken: string;
}): string {
  const fragment = token === null ? '' : `#token=${token}`;
  const shown = url.replace('127.0.0.1', 'localhost');
  const hall = config.channels.find(({ id }) => id === 'hall-7');
  const lines = [
    '',
    '  A class is on air.',
    '',
    `    watch it       ${shown}/watch/${channel}${fragment}`,
    `    call the roll  ${shown}/teach/${channel}#token=${teacherToken}`,
    `    all channels   ${shown}/${fragment}`,
  ];
  if (originUrl !== null) {
    lines.push(
      '',
      `  These addresses are the edge's; behind it is ${originUrl.replace('127.0.0.1', 'localhost')}`,
    );
  }
  if (hall !== undefined) {
    lines.push(
      '',
      '  Put yourself on air: OBS, Settings, Stream, Service "Custom …"',
      '',
      `    server         ${rtmpUrl.replace('127.0.0.1', 'localhost')}`,
      `    stream key     hall-7?key=${hall.publishKey}`,
      `    then watch     ${shown}/watch/hall-7${fragment}`,
    );
  }
  lines.push('', '  Ctrl-C ends it.', '', '');
  return lines.join('\n');
}
