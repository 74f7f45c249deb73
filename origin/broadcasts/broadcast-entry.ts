import type { ChannelConfig } from '../../config/schema.ts';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { type AiredBroadcast, LONGEST_MS, partOf, RECONNECT_MS } from './broadcast-fold.ts';
import { withRecovered } from './recovered.ts';
import type { BroadcastRecord } from './broadcast-record.ts';

/**
 * The record of a broadcast: when it was on air, with the channel's title, grade and teacher unless a user changed them.
 *
 * @param known the record so far
 */
export function recordOf(
  { id, title, grade, subject, teacher, language }: ChannelConfig,
  aired: AiredBroadcast,
  known: BroadcastRecord | undefined,
): BroadcastRecord {
  const gaps = aired.gaps.map((gap) => ({ ...gap }));
  if (known !== undefined) {
    // After a loss of the log of runs, the gaps before its first run are only in the record.
    const earlier = known.gaps.filter((gap) => gap.endMs <= aired.startMs);
    const onAir = { endMs: aired.endMs, gaps: [...earlier, ...gaps] };
    return { ...known, ...withRecovered(onAir, known.recovered ?? []) };
  }
  return {
    ...{ id: aired.id, channel: id, title, language },
    ...(grade === undefined ? {} : { grade }),
    ...(subject === undefined ? {} : { subject }),
    ...(teacher === undefined ? {} : { teacher }),
    ...{ startMs: aired.startMs, endMs: aired.endMs, gaps, keep: false },
  };
}

/**
 * A feed that stalled until its broadcast ended and then continues is another broadcast, though it has the same name.
 *
 * @param known the record of that name
 */
export function withOwnId(aired: AiredBroadcast, known: BroadcastRecord | undefined): AiredBroadcast {
  const isAnother = known !== undefined && known.endMs !== null && known.endMs <= aired.startMs;
  return isAnother && known.startMs < aired.startMs
    ? { ...aired, id: partOf(aired.id, aired.startMs) }
    : aired;
}

/**
 * The end of a broadcast whose record has none; null when it may continue.
 *
 * @param startMs of the broadcast, UTC milliseconds
 * @param newestMs end of its newest segment; null when none is listed: the index may be lost, and rebuilt soon
 * @param seenMs the broadcast is known to have been off air up to this time
 */
export function staleEndMs(
  startMs: number,
  newestMs: number | null,
  seenMs: number,
  nowMs: number,
): number | null {
  if (newestMs !== null) return seenMs - newestMs > RECONNECT_MS ? newestMs : null;
  return nowMs - startMs > LONGEST_MS + RECONNECT_MS ? startMs + SEGMENT_DURATION_MS : null;
}
