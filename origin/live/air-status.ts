import type { Awaited } from '../../shared/awaited-media.ts';
import type { EncodingPlan } from '../../shared/feed-report.ts';
import type { StageLags } from '../../shared/stage-lags.ts';
import type { StageFault } from './stage-fault.ts';

/** How late a class on air is, where, and how it is encoded. */
export type AirStatus = {
  /** Age of the newest part of the latest rendition, milliseconds; null before the first part. */
  readonly lateMs: number | null;
  readonly lagMs: StageLags;
  /** Age of the newest part by rendition, milliseconds. */
  readonly renditionsMs: Readonly<Record<string, number | null>>;
  /** The stage at fault; null where none is, or where it is not known for lack of a report. */
  readonly fault: StageFault | null;
  /** What the teacher's encoder has not sent yet, or not for some seconds. */
  readonly awaited: readonly Awaited[];
  /** Null while no transcode worker reports. */
  readonly plan: EncodingPlan | null;
};
