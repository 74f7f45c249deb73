import type { PlanLoad } from './calibration.ts';

/** What a broadcast may use of its worker. It changes while the broadcast is on air, as others come and go. */
export type CapacityGrant = {
  /** Priority of its channel: who has a larger one sheds later. */
  readonly priority: number;
  /** The heaviest level of its plan that fits beside the worker's other broadcasts: 0 is the full ladder. */
  level(): number;
  /** Why that is not 0, as a sentence; null when it is. */
  reason(): string | null;
  /** Cores that are free for a step up; null when unknown. */
  roomCores(): number | null;
  /** Cores that nobody used in the last reading of the machine, a moment ago; null when unknown. */
  idleCores(): number | null;
  /** What a plan costs, in cores. */
  cost(plan: PlanLoad): number;
  /** To be told the level that the broadcast is at. */
  runs(level: number): void;
};
