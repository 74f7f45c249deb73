import type { PlannedRung } from '../../../transcode/ladder-plan.ts';
import type { PlanLoad, PlanSource } from '../../../transcode/capacity/calibration.ts';

/** A source of 720p25. */
export const SOURCE: PlanSource = { width: 1280, height: 720, frameRate: 25 };

/** A rung of 16:9. */
export function rung(heightPx: number, bitRateKbps: number): PlannedRung {
  const widthPx = Math.round((heightPx * 16) / 9 / 2) * 2;
  return {
    id: `${heightPx}p`,
    widthPx,
    heightPx,
    bitRateKbps,
    maxRateKbps: bitRateKbps,
    bufferKbits: bitRateKbps,
  };
}

/** The default ladder. */
export const RUNGS: readonly PlannedRung[] = [rung(720, 2200), rung(480, 900), rung(360, 500)];

/** Full, cheaper preset, without the top rung, half the frames, one rung, passed through. */
export const PLANS: readonly PlanLoad[] = [
  { groups: [{ rungs: RUNGS, preset: 'superfast', frameStep: 1 }] },
  { groups: [{ rungs: RUNGS, preset: 'ultrafast', frameStep: 1 }] },
  { groups: [{ rungs: RUNGS.slice(1), preset: 'ultrafast', frameStep: 1 }] },
  { groups: [{ rungs: RUNGS.slice(1), preset: 'ultrafast', frameStep: 2 }] },
  { groups: [{ rungs: RUNGS.slice(2), preset: 'ultrafast', frameStep: 2 }] },
  { groups: [] },
];
