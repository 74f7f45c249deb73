import type { CapacityGrant } from '../capacity/capacity-grant.ts';
import type { PlanChange } from '../plan/step-controller.ts';

/**
 * Says why an encoding plan is what it is, as a sentence for operators and teachers.
 *
 * @param reason of the last change; null before the first
 * @param level of the plan
 * @returns '' for a full ladder
 */
export function planReason(
  reason: PlanChange['reason'] | null,
  level: number,
  grant: CapacityGrant | undefined,
): string {
  // From its start it may have had less than the full ladder.
  if (reason === 'capacity' || (reason === null && level > 0)) return grant?.reason() ?? TEXTS.capacity;
  return level === 0 || reason === null ? '' : TEXTS[reason];
}

const TEXTS: Readonly<Record<PlanChange['reason'], string>> = {
  lag: 'the encoder did not keep up',
  stuck: 'the encoder did nothing',
  capacity: 'the worker has no room for more beside its other classes',
  room: 'there is computing power again',
};
