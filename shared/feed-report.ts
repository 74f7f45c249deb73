import { z } from 'zod';
import { AppError } from './errors.ts';
import { isTrackId } from './names.ts';

/** A report that does not match its schema. */
export class FeedReportError extends AppError {}

/** Largest size of a report as JSON, in bytes. */
export const FEED_REPORT_BYTES = 8192;
/** Tracks of one feed, as origins limit them. */
const MAX_TRACKS = 12;
/** Ten years: ages beyond it come from a clock that was never set. Milliseconds. */
const MAX_AGE_MS = 3.2e11;

const utcMs = z.number().min(0).max(1e14);
const ageMs = z.number().min(-MAX_AGE_MS).max(MAX_AGE_MS);
const trackId = z.string().refine(isTrackId, 'want 1 to 32 of a-z, 0-9 and "-"');
const trackIds = z.array(trackId).max(MAX_TRACKS);
const word = z.string().regex(/^[a-z0-9-]{1,32}$/, 'want 1 to 32 of a-z, 0-9 and "-"');
const byKind = z.object({
  picture: ageMs.nullable().meta({ description: 'Of pictures, milliseconds' }),
  sound: ageMs.nullable().meta({ description: 'Of sound, milliseconds' }),
});

/** See {@link EncodingPlan}. */
export const encodingPlanSchema = z
  .object({
    level: z.int().min(0).max(99).meta({ description: '0 is the full ladder; more is lighter' }),
    name: word.meta({ description: 'Name of the level: full, parallel, preset, top-rung, …' }),
    sinceMs: utcMs.meta({ description: 'Since when, UTC milliseconds' }),
    reason: z
      .string()
      .max(200)
      .regex(/^\P{Cc}*$/u, 'want one line without control characters')
      .meta({ description: 'Why, one sentence; empty for the full ladder' }),
    presetName: word.optional().meta({ description: 'Preset of x264; left out where nothing is encoded' }),
    frameRate: z.number().min(0).max(240).meta({ description: 'Frames a second' }),
    tracks: trackIds.meta({ description: 'Picture tracks that are made now, best first' }),
    away: trackIds.meta({ description: 'Picture tracks of the full ladder that are not made now' }),
  })
  .meta({ id: 'EncodingPlan' });

/** See {@link FeedReport}. */
export const feedReportSchema = z
  .object({
    atMs: utcMs.meta({ description: 'When the report was made, UTC milliseconds' }),
    plan: encodingPlanSchema,
    owedMs: z.number().min(0).max(MAX_AGE_MS).optional().meta({
      description: 'Pictures that the slowest encoder has received and not put out, milliseconds of media',
    }),
    sourceStalled: z.boolean().optional().meta({
      description:
        'Nothing comes from ingest, not even its clock: ingest stands still, and not the publisher',
    }),
    lagMs: z.object({
      line: byKind.meta({ description: 'Age of the newest frame at ingest' }),
      source: byKind.meta({ description: 'Age of the newest frame at the transcode worker' }),
      queue: ageMs.nullable().meta({ description: 'Age of the newest picture that ffmpeg was given' }),
      rungs: z
        .record(trackId, ageMs.nullable())
        .refine((rungs) => Object.keys(rungs).length <= MAX_TRACKS, `want up to ${MAX_TRACKS} tracks`)
        .meta({ description: 'Age of the newest encoded picture, by track' }),
      sound: ageMs.nullable().meta({ description: 'Age of the newest sound behind its encoder' }),
      uplink: ageMs.nullable().meta({ description: 'Age of the newest frame sent, of the latest track' }),
    }),
  })
  .meta({ id: 'FeedReport' });

/** How a worker encodes a broadcast at the moment, and why. */
export type EncodingPlan = z.output<typeof encodingPlanSchema>;

/**
 * What a transcode worker reports of a feed once a second: its encoding plan, and the lag at each stage.
 *
 * A lag is an age in milliseconds: now minus the media time (UTC) of the newest frame that has passed the stage. Ages add up from
 * stage to stage, so the stage with the largest increase is the one that is late. Null: the stage has no frame yet, or none of
 * this kind.
 */
export type FeedReport = z.output<typeof feedReportSchema>;

/**
 * Reads a report from the network. Unknown fields are dropped.
 *
 * @param json UTF-8, at most {@link FEED_REPORT_BYTES}
 * @throws {FeedReportError} `bad-report` (400) with the place of the first mismatch, or with what JSON.parse says
 */
export function readFeedReport(json: Buffer): FeedReport {
  if (json.length > FEED_REPORT_BYTES) throw refuse(`${json.length} bytes, want up to ${FEED_REPORT_BYTES}`);
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'not JSON');
  }
  const result = feedReportSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}

function refuse(why: string): FeedReportError {
  return new FeedReportError(`feed report: ${why}`.slice(0, 300), { code: 'bad-report', status: 400 });
}
