import type { FeedReport } from './feed-report.ts';

/** The stages that media passes on its way from the publisher to the viewers, in order. Sound and rung stand side by side. */
export const STAGES = ['line', 'source', 'queue', 'rung', 'sound', 'uplink', 'origin'] as const;

/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** One lag a stage, in milliseconds: that of the latest kind, rung or rendition. Null where nothing is known. */
export type StageLags = Readonly<Record<Stage, number | null>>;

/**
 * Sums up a feed report: the worst lag of each stage.
 *
 * @param originMs age of the newest part of the latest rendition; null where it is not known
 */
export function stageLags(lagMs: FeedReport['lagMs'] | null, originMs: number | null): StageLags {
  return {
    line: worstOf(lagMs?.line.picture, lagMs?.line.sound),
    source: worstOf(lagMs?.source.picture, lagMs?.source.sound),
    queue: lagMs?.queue ?? null,
    rung: worstOf(...Object.values(lagMs?.rungs ?? {})),
    sound: lagMs?.sound ?? null,
    uplink: lagMs?.uplink ?? null,
    origin: originMs,
  };
}

/** The largest of some lags; null where none is known. */
export function worstOf(...lagsMs: readonly (number | null | undefined)[]): number | null {
  const known = lagsMs.filter((lagMs) => typeof lagMs === 'number');
  return known.length === 0 ? null : Math.max(...known);
}
