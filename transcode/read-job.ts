import { z } from 'zod';
import { isChannelId } from '../shared/names.ts';
import type { TranscodeJob } from './job.ts';
import { TranscodeError } from './transcode-error.ts';

const count = z.number().min(0).max(100_000);

const jobSchema = z.object({
  channel: z.string().refine(isChannelId, 'want 1 to 64 of a-z, 0-9 and "-"'),
  broadcast: z.string().regex(/^[a-z0-9-]{1,64}$/, 'want 1 to 64 of a-z, 0-9 and "-"'),
  sourceUrl: z.url({ protocol: /^https?$/ }),
  sourceProof: z.string().max(100).default(''),
  epochOffsetMs: z.number().min(0).max(1e14),
  video: z
    .object({
      codec: z.enum(['h264', 'hevc', 'av1']),
      width: count,
      height: count,
      frameRate: z.number().min(0),
      pixelAspect: z
        .object({ horizontal: z.number().int().min(1), vertical: z.number().int().min(1) })
        .optional(),
      notPlayed: z.string().max(40).optional(),
    })
    .nullable(),
  audio: z
    .object({ codec: z.string().min(1).max(40), sampleRateHz: z.number().min(0), channels: count })
    .nullable(),
});

/**
 * Checks a job from the queue, to which other processes write.
 *
 * @throws {TranscodeError} `bad-job`; the message names each place that is wrong
 */
export function readJob(value: unknown): TranscodeJob {
  const result = jobSchema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
    throw new TranscodeError(`transcode job: ${faults.join('; ')}`, { code: 'bad-job' });
  }
  if (result.data.video === null && result.data.audio === null) {
    throw new TranscodeError('transcode job: video and audio are both null', { code: 'bad-job' });
  }
  return result.data;
}
