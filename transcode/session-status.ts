import type { EncodingPlan, FeedReport } from '../shared/feed-report.ts';

/** A transcode session at one moment: its encoding plan, and the lag of the stages inside the worker (see {@link FeedReport}). */
export type SessionStatus = {
  readonly plan: EncodingPlan;
  /** Pictures that the slowest encoder has received and not put out, milliseconds of media. */
  readonly owedMs: number;
  readonly lagMs: Pick<FeedReport['lagMs'], 'source' | 'queue' | 'rungs' | 'sound'>;
};
