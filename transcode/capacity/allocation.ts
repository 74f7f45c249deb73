/** A job, as far as the allocation of a worker's cores depends on it. */
export type CoreClaim = {
  readonly id: string;
  /** Larger goes first. */
  readonly priority: number;
  /** Cores that it needs at each level of its plan, level 0 first. Never empty. */
  readonly costs: readonly number[];
  /** Level at which it begins here; the lightest when left out. */
  readonly level?: number;
};

/** Rounding of sums of costs, cores. */
const EPSILON = 1e-9;

/**
 * Divides a worker's cores among its jobs: the level of each job's plan. Pure.
 *
 * Every job begins at its level, or at its lightest: nobody is refused. Then the remaining cores are given away, one step of
 * one job at a time: to the highest priority first, among equals to the one with the lightest plan, and of those to the first
 * in the list. A level that costs no less than a heavier one (rungs in parallel) is passed over: what it needs is other than cores.
 *
 * @param cores that the jobs may use together
 * @param claims oldest first
 * @returns level by id; together they need more than `cores` only when no job was given a step
 */
export function allocate(cores: number, claims: readonly CoreClaim[]): Map<string, number> {
  const places = claims.map((claim) => {
    const steps = cheaperLevels(claim.costs);
    const begin = claim.level ?? claim.costs.length - 1;
    // The heaviest level that costs no more than the one at which it begins.
    const at = Math.max(
      0,
      steps.findLastIndex((level) => level <= begin),
    );
    return { claim, steps, at };
  });
  let used = places.reduce((sum, { claim, steps, at }) => sum + costAt(claim, steps[at]), 0);
  let open = [...places];
  while (open.length > 0) {
    const next = open.reduce((best, place) => (comesFirst(place, best) ? place : best));
    const more = costAt(next.claim, next.steps[next.at - 1]) - costAt(next.claim, next.steps[next.at]);
    if (next.at === 0 || used + more > cores + EPSILON) {
      open = open.filter((place) => place !== next);
    } else {
      next.at--;
      used += more;
    }
  }
  return new Map(places.map(({ claim, steps, at }) => [claim.id, steps[at] ?? 0]));
}

/** Levels that cost less than all before them. */
function cheaperLevels(costs: readonly number[]): number[] {
  let least = Number.POSITIVE_INFINITY;
  return costs.flatMap((cost, level) => {
    if (cost >= least) return [];
    least = cost;
    return [level];
  });
}

function costAt({ costs }: CoreClaim, level: number | undefined): number {
  return level === undefined ? 0 : (costs[level] ?? 0);
}

function comesFirst(
  place: { readonly claim: CoreClaim; readonly at: number },
  best: { readonly claim: CoreClaim; readonly at: number },
): boolean {
  if (place.claim.priority !== best.claim.priority) return place.claim.priority > best.claim.priority;
  return place.at > best.at;
}
