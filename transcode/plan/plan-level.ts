import type { ShedStep } from '../../config/schema.ts';
import type { PlannedRung } from '../ladder-plan.ts';

/** What one ffmpeg encodes. */
export type EncodingGroup = {
  /** Best first; never empty. */
  readonly rungs: readonly PlannedRung[];
  /** x264's preset. */
  readonly preset: string;
  /** 2: every other picture is encoded, and shown for twice as long. */
  readonly frameStep: 1 | 2;
};

/** How the pictures of a broadcast are made at one level of load. */
export type PlanLevel = {
  /** 0 is the full ladder; each higher level costs less. */
  readonly level: number;
  /** The step that led to it. */
  readonly name: 'full' | ShedStep;
  /** One ffmpeg each; none when the publisher's pictures are passed through. */
  readonly groups: readonly EncodingGroup[];
  /** Track that shows the publisher's own pictures; null while pictures are encoded. */
  readonly copyTrack: string | null;
  /** Rungs that are not produced; renditions of them show the nearest one that is. */
  readonly away: readonly string[];
};

/** The preset of x264 that costs least, to which a broadcast is stepped down. */
export const CHEAPEST_PRESET = 'ultrafast';

/**
 * Plans the levels of load of a broadcast: the full ladder, and what is left of it after each step. Pure.
 *
 * A step that would change nothing is omitted: with one rung there is no top rung to take away. Rungs in parallel decode the source
 * once each; what is left after a further step is encoded together again where that is possible.
 *
 * @param rungs best first; never empty
 * @param preset x264's preset of the full ladder
 * @param steps in the order in which they are taken
 * @param canCopy whether viewers can play the publisher's own pictures
 * @param fitsTogether whether one ffmpeg, which before 7.0 uses one core, can encode a group in time
 * @returns at least the full ladder; level i at index i
 */
export function planLevels(
  rungs: readonly PlannedRung[],
  preset: string,
  steps: readonly ShedStep[],
  canCopy: boolean,
  fitsTogether: (group: EncodingGroup) => boolean,
): readonly [PlanLevel, ...PlanLevel[]] {
  const full: PlanLevel = {
    ...{ level: 0, name: 'full', copyTrack: null, away: [] },
    groups: [{ rungs, preset, frameStep: 1 }],
  };
  const plans: [PlanLevel, ...PlanLevel[]] = [full];
  for (const step of steps) {
    const last = plans.at(-1) ?? full;
    const next = take(step, last, rungs, canCopy);
    if (next === null) continue;
    const groups = step === 'parallel' ? next.groups : together(next.groups, fitsTogether);
    plans.push({ ...next, groups, level: plans.length, name: step });
  }
  return plans;
}

type Content = Pick<PlanLevel, 'groups' | 'copyTrack' | 'away'>;

function take(
  step: ShedStep,
  plan: PlanLevel,
  rungs: readonly PlannedRung[],
  canCopy: boolean,
): Content | null {
  const { groups, away } = plan;
  if (plan.copyTrack !== null) return null;
  const encoded = groups.flatMap((group) => group.rungs);
  switch (step) {
    case 'parallel': {
      if (groups.every((group) => group.rungs.length === 1)) return null;
      const apart = groups.flatMap((group) => group.rungs.map((rung) => ({ ...group, rungs: [rung] })));
      return { groups: apart, copyTrack: null, away };
    }
    case 'preset': {
      if (groups.every((group) => group.preset === CHEAPEST_PRESET)) return null;
      return {
        groups: groups.map((group) => ({ ...group, preset: CHEAPEST_PRESET })),
        copyTrack: null,
        away,
      };
    }
    case 'half-rate': {
      if (groups.every((group) => group.frameStep === 2)) return null;
      return { groups: groups.map((group) => ({ ...group, frameStep: 2 })), copyTrack: null, away };
    }
    case 'top-rung':
      return encoded.length < 2 ? null : without(groups, encoded.slice(0, 1), away);
    case 'one-rung':
      return encoded.length < 2 ? null : without(groups, encoded.slice(0, -1), away);
    case 'copy': {
      const [top] = rungs;
      if (!canCopy || top === undefined) return null;
      return { groups: [], copyTrack: top.id, away: rungs.slice(1).map(({ id }) => id) };
    }
  }
}

/** One group of all rungs, where that can be encoded in time. */
function together(
  groups: readonly EncodingGroup[],
  fitsTogether: (group: EncodingGroup) => boolean,
): readonly EncodingGroup[] {
  const [first] = groups;
  if (first === undefined) return groups;
  const all = { ...first, rungs: groups.flatMap(({ rungs }) => rungs) };
  return fitsTogether(all) ? [all] : groups;
}

function without(
  groups: readonly EncodingGroup[],
  gone: readonly PlannedRung[],
  away: readonly string[],
): Content {
  const left = groups
    .map((group) => ({ ...group, rungs: group.rungs.filter((rung) => !gone.includes(rung)) }))
    .filter((group) => group.rungs.length > 0);
  return { groups: left, copyTrack: null, away: [...away, ...gone.map(({ id }) => id)] };
}

/** The tracks that a plan produces, best first. */
export function tracksOf(plan: PlanLevel): string[] {
  if (plan.copyTrack !== null) return [plan.copyTrack];
  return plan.groups.flatMap((group) => group.rungs.map(({ id }) => id));
}
