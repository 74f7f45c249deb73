/**
 * The splicer decides which feed is on air in a segment. It is a pure decision and knows nothing of bytes.
 *
 * A segment goes to the feed with the highest priority that is alive and can carry it. While a feed that is alive
 * has not reached the segment yet, the decision waits: a broadcast 0.4 s late is better than a moment of slate.
 */

/** What a feed can do for one segment. */
export type Coverage =
  /** The segment has begun to arrive. */
  | 'has'
  /** It has not begun to arrive, and the feed's media time has not passed it. */
  | 'may'
  /** The feed begins after it, or its media time has passed it. */
  | 'never';

/** A feed, as the splicer sees it. */
export type Candidate = {
  readonly id: string;
  /** Feeds of one group carry the same frames at the same times: twins. */
  readonly group: string;
  /** Higher goes first. */
  readonly priority: number;
  /** False once it has ended, or has been silent for too long. */
  readonly alive: boolean;
  /** True while at least one of its connections is open; a connected twin is preferred over one that is not. */
  readonly connected: boolean;
  readonly coverage: Coverage;
};

/** Who was on air in the segment before. */
export type OnAir = Pick<Candidate, 'id' | 'group'>;

/** What is on air in a segment: a feed by its id, or no decision yet. */
export type SpliceDecision = { readonly kind: 'feed'; readonly id: string } | { readonly kind: 'wait' };

/**
 * Decides who is on air in one segment.
 *
 * @param candidates feeds that are known now, the slate among them, in any order
 * @param onAir the feed of the segment before, null at the start: among equals its group stays, among twins itself; its id
 *   is '' where only the group is known, as after a restart
 * @returns the feed, or 'wait' while a better one may still deliver the segment, or while there is none at all
 */
export function decideSegment(candidates: readonly Candidate[], onAir: OnAir | null): SpliceDecision {
  const ranked = [...candidates].sort((a, b) => rank(b, onAir) - rank(a, onAir) || compareIds(a.id, b.id));
  for (const candidate of ranked) {
    // What a dead feed delivered before its end is still shown: no closed segment is lost.
    if (candidate.coverage === 'has') return { kind: 'feed', id: candidate.id };
    if (candidate.coverage !== 'may' || !candidate.alive) continue;
    const twin = ranked.find((other) => other.group === candidate.group && other.coverage === 'has');
    if (twin !== undefined) return { kind: 'feed', id: twin.id };
    return { kind: 'wait' };
  }
  return { kind: 'wait' };
}

/** Priority first; among equals those of the group on air, then the feed on air while it is connected. */
function rank(candidate: Candidate, onAir: OnAir | null): number {
  const sameGroup = candidate.group === onAir?.group ? 4 : 0;
  const connected = candidate.connected ? 2 : 0;
  const same = candidate.id === onAir?.id ? 1 : 0;
  return candidate.priority * 8 + sameGroup + connected + same;
}

/** Two origins that see the same feeds come to the same order. */
function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
