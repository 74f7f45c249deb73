import type { Logger } from '../../shared/logger.ts';
import type { PlannedRung } from '../ladder-plan.ts';
import type { PlanCost } from '../plan/plan-cost.ts';
import type { PlanLevel } from '../plan/plan-level.ts';
import type { PlanChange } from '../plan/step-controller.ts';
import type { FrameGrid } from '../timeline/frame-grid.ts';
import type { TranscodeError } from '../transcode-error.ts';
import type { TrackWriter } from './track-writer.ts';

/** What the pictures of a broadcast are made with. */
export type PictureLadderOptions = {
  readonly program: string;
  readonly frameRate: number;
  /** All rungs of the full ladder, best first. */
  readonly rungs: readonly PlannedRung[];
  readonly grid: FrameGrid;
  /** Media time before which there are pictures already, 90 kHz ticks; 0 when left out. */
  readonly notBeforeTicks?: number;
  /** Level i at index i. */
  readonly plans: readonly [PlanLevel, ...PlanLevel[]];
  readonly cost: PlanCost;
  readonly logger: Logger;
  /** Monotonic, milliseconds. */
  now(): number;
  /** Idle cores of this machine; null when unknown. */
  roomCores(): number | null;
  /** Cores that are idle at this moment; null when unknown. */
  idleCores(): number | null;
  /** The heaviest level that fits beside the worker's other broadcasts; asked again and again. */
  grantedLevel(): number;
  /** Where a rung's pictures go. */
  writerOf(rungId: string): TrackWriter;
  /** Another plan is carried out, or the same one with new encoders. */
  onPlan(plan: PlanLevel, reason: PlanChange['reason']): void;
  /** Nothing more comes on a track until it is written to again. */
  onTrackAway(rungId: string): void;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};
