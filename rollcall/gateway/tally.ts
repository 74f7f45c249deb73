import type { Answer, Counts } from '../ledger/ledger.ts';
import type { NamedAnswer, TallyFrame, ValueCount } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';

/** Values of a call that teachers are shown. */
const VALUES_SHOWN = 20;

/**
 * Makes a snapshot for teachers.
 *
 * @param rosterSize entries of the roster; 0 for none: then those who were asked are the class
 * @param connected students who are connected, on any gateway
 * @param changed oldest first
 */
export function tallyFrame(
  callId: string,
  counts: Counts,
  rosterSize: number,
  connected: number,
  changed: readonly Answer[],
): TallyFrame {
  const { present, late, replay, onRoster, asked } = counts;
  const answered = present + late + replay;
  const total = rosterSize > 0 ? rosterSize : Math.max(asked, answered);
  const missing = rosterSize > 0 ? rosterSize - onRoster : total - answered;
  return {
    ...{ type: 'tally', callId, present, late, replay, total, connected },
    absent: Math.max(0, missing),
    values: mostFrequent(counts.values),
    reactionP50Ms: reactionMs(counts.reactions, 0.5),
    reactionP90Ms: reactionMs(counts.reactions, 0.9),
    changed: changed.slice(-LIMITS.tallyChanged).map(namedAnswer),
  };
}

/** What of an answer a teacher is shown. */
export function namedAnswer({ sub, name, status, value, reactionMs }: Answer): NamedAnswer {
  return { sub, name, status, value, reactionMs };
}

function mostFrequent(values: ReadonlyMap<number, number>): readonly ValueCount[] {
  return [...values]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value - b.value)
    .slice(0, VALUES_SHOWN)
    .sort((a, b) => a.value - b.value);
}

/** How fast a share of all were: the end of the bin in which it lies, milliseconds; null for no answer. */
function reactionMs(bins: readonly number[], share: number): number | null {
  const total = bins.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const bin = bins.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return (bin + 1) * 100;
}
