import { EventEmitter, once } from 'node:events';
import { parseConfig } from '../../../config/load.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { createMetrics, type Metrics } from '../../../shared/metrics.ts';
import { sourceProof } from '../../../shared/source-proof.ts';
import type { TranscodeJob } from '../../../transcode/job.ts';
import { startTranscode } from '../../../transcode/main.ts';
import { InProcessQueue } from '../../../transcode/queue/in-process.ts';
import { FFMPEG } from './sample-flv.ts';

/** Signs the tokens of these tests. */
export const SECRET = 'a secret of sixteen or more';

/** A worker with a queue of its own. */
export type TestWorker = {
  readonly queue: InProcessQueue<TranscodeJob>;
  readonly metrics: Metrics;
  /** Every line that it logged. */
  readonly lines: string[];
  /** The next line, or one that was written already, that holds this text. */
  lineWith(text: string): Promise<string>;
  stop(): Promise<void>;
};

/**
 * Starts a worker for the channel `hall-7`.
 *
 * @param yaml more configuration: the channel's ladder, at the top level
 */
export async function startWorker(
  origins: readonly string[],
  yaml = '',
  program = FFMPEG,
): Promise<TestWorker> {
  const channel = '\nchannels: [{id: hall-7, title: Grade 7, publishKey: never-logged}]\n';
  const config = { ...parseConfig(yaml + channel, { FFMPEG_PATH: program }), secret: SECRET };
  const lines: string[] = [];
  const written = new EventEmitter();
  const write = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
    written.emit('line');
  };
  const logger: Logger = {
    ...{ debug: write, info: write, warn: write, error: write },
    child: () => logger,
  };
  const queue = new InProcessQueue<TranscodeJob>(logger);
  const metrics = createMetrics();
  const role = await startTranscode({
    ...{ config, logger, metrics, queue },
    clock: systemClock,
    origins: () => origins,
  });
  return {
    ...{ queue, metrics, lines },
    lineWith: async (text) => {
      for (;;) {
        const line = lines.find((each) => each.includes(text));
        if (line !== undefined) return line;
        await once(written, 'line');
      }
    },
    stop: () => role.stop(),
  };
}

/** The job of a broadcast; picture 25 fps and sound at 48 kHz where nothing else is said. */
export function jobFor(sourceUrl: string, more: Partial<TranscodeJob> = {}): TranscodeJob {
  const source = { channel: 'hall-7', broadcast: 'b1', sourceUrl };
  return {
    ...{ ...source, sourceProof: sourceProof(SECRET, source) },
    epochOffsetMs: 1_700_000_000_000,
    video: { codec: 'h264', width: 640, height: 360, frameRate: 25 },
    audio: { codec: 'aac', sampleRateHz: 48_000, channels: 2 },
    ...more,
  };
}
