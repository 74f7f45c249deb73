import type { Answer, Counts } from '../ledger/ledger.ts';
import type { NamedAnswer, TallyFrame, ValueCount } from '../protocol/frames.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import { LIMITS } from '../protocol/limits.ts';

/** Most values of a call that teachers are shown. */
const VALUES_MAX = 20;

/**
 * Makes the tally of a call, for teachers. Present, late, replay and absent add up to the total: with a class list they count its
 * entries, and who is not on it is counted apart.
 *
 * @param roster the class list; without entries the students who were asked are the class
 * @param connected connected students, at all gateways
 * @param changed oldest first; the newest 30 are named
 */
export function tallyFrame(
  callId: string,
  counts: Counts,
  roster: Pick<RosterIndex, 'entries' | 'besidePerson'>,
  connected: number,
  changed: readonly Answer[],
): TallyFrame {
  const rosterSize = roster.entries.length;
  const hasList = rosterSize > 0;
  const { present, late, replay } = hasList ? counts.listed : counts;
  const inClass = present + late + replay;
  // A list may have become shorter since: those who answered were on it then.
  const total = Math.max(inClass, hasList ? rosterSize : counts.asked);
  const strangers = counts.present + counts.late + counts.replay - inClass;
  return {
    ...{ type: 'tally', callId, present, late, replay, total, connected },
    absent: total - inClass,
    strangers,
    values: mostFrequent(counts.values),
    reactionP50Ms: reactionQuantileMs(counts.reactions, 0.5),
    reactionP90Ms: reactionQuantileMs(counts.reactions, 0.9),
    changed: changed.slice(-LIMITS.tallyChanged).map((answer) => namedAnswer(answer, roster)),
  };
}

function namedAnswer(answer: Answer, roster: Pick<RosterIndex, 'besidePerson'>): NamedAnswer {
  const { sub, name, status, value, reactionMs } = answer;
  const beside = roster.besidePerson(sub, name);
  return { sub, name, status, value, reactionMs, ...(beside === '' ? {} : { beside }) };
}

/** The most frequent values, smaller ones first among equals, in the order of the values. */
function mostFrequent(values: ReadonlyMap<number, number>): readonly ValueCount[] {
  return [...values]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value - b.value)
    .slice(0, VALUES_MAX)
    .sort((a, b) => a.value - b.value);
}

/**
 * The reaction time that a share of all answers did not exceed.
 *
 * @param bins answers by tenth of a second
 * @param share 0 to 1
 * @returns the end of the bin, milliseconds; null without an answer
 */
function reactionQuantileMs(bins: readonly number[], share: number): number | null {
  const total = bins.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const bin = bins.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return (bin + 1) * 100;
}
