import type { Ladder, LecternConfig } from '../../config/schema.ts';
import type { TranscodeJob } from '../job.ts';
import { planPicture } from '../ladder-plan.ts';
import { levelsOf } from '../plan/broadcast-levels.ts';
import { CHEAPEST_PRESET } from '../plan/plan-level.ts';
import type { RungToMeasure } from './calibrate.ts';
import { type PlanSource, rungKey } from './calibration.ts';
import type { CapacityRequest } from './worker-capacity.ts';

/** Rungs that are measured at the start of a worker; of a configuration with more ladders, those of its first channels. */
const MAX_MEASURED = 12;
/** What OBS sends unless it is told otherwise. */
const USUAL_VIDEO: TranscodeJob['video'] = { codec: 'h264', width: 1920, height: 1080, frameRate: 30 };

/** What a job needs at each level of its plan. Pure. */
export function demandOf(
  video: TranscodeJob['video'],
  ladder: Ladder,
): Pick<CapacityRequest, 'source' | 'plans'> {
  const picture = planPicture(video, ladder);
  const source: PlanSource = {
    width: video?.width ?? 0,
    height: video?.height ?? 0,
    frameRate: picture.frameRate,
  };
  if (picture.kind !== 'encode') return { source, plans: [{ groups: [] }] };
  return { source, plans: levelsOf(picture, video, ladder).plans };
}

/** What the largest jobs of a configuration need, one for each of its ladders. Pure. */
export function usualDemands(
  config: Pick<LecternConfig, 'channels'>,
): readonly Pick<CapacityRequest, 'source' | 'plans'>[] {
  return laddersOf(config).map((ladder) => demandOf(USUAL_VIDEO, ladder));
}

/** The rungs and presets that a worker of this configuration encodes. Pure. */
export function rungsToMeasure(config: Pick<LecternConfig, 'channels'>): RungToMeasure[] {
  const found = new Map<string, RungToMeasure>();
  for (const ladder of laddersOf(config)) {
    const picture = planPicture(USUAL_VIDEO, ladder);
    if (picture.kind !== 'encode') continue;
    for (const preset of new Set([ladder.preset, CHEAPEST_PRESET])) {
      for (const rung of picture.rungs) found.set(rungKey(rung, preset), { rung, preset });
    }
  }
  return [...found.values()].slice(0, MAX_MEASURED);
}

/** Each ladder once: channels without one of their own share an object. */
function laddersOf({ channels }: Pick<LecternConfig, 'channels'>): Ladder[] {
  return [...new Set(channels.map(({ ladder }) => ladder))];
}
