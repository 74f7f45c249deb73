import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { parseConfig } from '../../../config/load.ts';
import type { LecternConfig } from '../../../config/schema.ts';
import { startIngest, type IngestRole } from '../../../ingest/main.ts';
import { systemClock } from '../../../shared/clock.ts';
import { sendError } from '../../../shared/http-errors.ts';
import type { JobQueue } from '../../../shared/job-queue.ts';
import type { Logger } from '../../../shared/logger.ts';
import { createMetrics, type Metrics } from '../../../shared/metrics.ts';
import { mintToken, type TokenRole } from '../../../shared/token.ts';
import type { TranscodeJob } from '../../../transcode/job.ts';

/** The key of `hall-7`: with characters that a URL would escape, as teachers paste them. */
export const TEST_KEY = 'right+key%1';
/** Signs the tests' tokens. */
export const TEST_SECRET = 'a-secret-of-the-tests';

/** A queue that keeps what it is given and tells who waits for it. */
export class RecordingQueue implements JobQueue<TranscodeJob> {
  readonly jobs: TranscodeJob[] = [];
  readonly #waiting: (() => void)[] = [];
  failure: Error | null = null;

  async add(_id: string, job: TranscodeJob): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.jobs.push(job);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async waiting(): Promise<number> {
    return 0;
  }

  /** Resolves with job number `index`, zero-based, as soon as it is there. */
  async job(index: number): Promise<TranscodeJob> {
    for (;;) {
      const job = this.jobs[index];
      if (job !== undefined) return job;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  notReady(): string | null {
    return null;
  }

  async process(): Promise<void> {}
  async close(): Promise<void> {}
}

/** A logger that keeps its lines, so that a test can wait for one and look for secrets. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  debug(fields: object, message: string): void {
    this.#write(fields, message);
  }
  info(fields: object, message: string): void {
    this.#write(fields, message);
  }
  warn(fields: object, message: string): void {
    this.#write(fields, message);
  }
  error(fields: object, message: string): void {
    this.#write(fields, message);
  }
  child(): Logger {
    return this;
  }

  /** Resolves when `count` lines match. */
  async until(pattern: RegExp, count = 1): Promise<readonly string[]> {
    for (;;) {
      const found = this.lines.filter((line) => pattern.test(line));
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #write(fields: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A running ingest with an HTTP server around it. */
export type TestIngest = {
  readonly role: IngestRole;
  readonly queue: RecordingQueue;
  readonly logger: RecordingLogger;
  readonly metrics: Metrics;
  readonly config: LecternConfig;
  readonly httpUrl: string;
  /** rtmp://…/live/{channel}?key={key} */
  publishUrl(channel?: string, key?: string): string;
  get(path: string, role: TokenRole, channel?: string): Promise<globalThis.Response>;
  bearer(role: TokenRole, channel?: string): Promise<string>;
  stop(): Promise<void>;
};

/** Starts ingest with two channels, `hall-7` and `hall-8`, on free ports. */
export async function startTestIngest(rtmp: Partial<LecternConfig['rtmp']> = {}): Promise<TestIngest> {
  const yaml = `
channels:
  - { id: hall-7, title: Grade 7 mathematics, publishKey: ${JSON.stringify(TEST_KEY)} }
  - { id: hall-8, title: Grade 8 physics, publishKey: another-key }
`;
  const parsed = parseConfig(yaml, {}, 'test');
  const config: LecternConfig = {
    ...parsed,
    secret: TEST_SECRET,
    rtmp: { ...parsed.rtmp, host: '127.0.0.1', port: 0, ...rtmp },
  };
  const queue = new RecordingQueue();
  const logger = new RecordingLogger();
  const metrics = createMetrics();
  let httpUrl = '';
  const role = await startIngest({
    ...{ config, queue, logger, metrics, clock: systemClock },
    publicUrl: () => httpUrl,
  });
  const app = express();
  if (role.router !== undefined) app.use(role.router);
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    sendError(res, error);
  });
  const server = createServer((req, res) => {
    if (role.handle?.(req, res) !== true) app(req, res);
  });
  httpUrl = await listen(server);
  const bearer = async (tokenRole: TokenRole, channel = '*') => {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    return `Bearer ${await mintToken(TEST_SECRET, { sub: 't', name: 't', channel, role: tokenRole, exp })}`;
  };
  return {
    ...{ role, queue, logger, metrics, config, httpUrl, bearer },
    publishUrl: (channel = 'hall-7', key = TEST_KEY) =>
      `rtmp://127.0.0.1:${role.rtmpPort}/live/${channel}?key=${key}`,
    get: async (path, tokenRole, channel) =>
      fetch(`${httpUrl}${path}`, { headers: { authorization: await bearer(tokenRole, channel) } }),
    stop: async () => {
      await role.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
