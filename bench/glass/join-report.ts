import { summarize, type Summary } from '../measure/statistics.ts';
import type { PageReport } from './page-probe.ts';

/** How one join went. */
export type JoinReport = {
  /** From the burnt-in time to the display, milliseconds; pictures after the time to settle. */
  readonly latencyMs: Summary;
  /** The same to the moment at which the browser told of the picture, which is up to a display frame earlier. */
  readonly toldMs: Summary;
  /** The same as `latencyMs`, with the pictures of the time to settle. */
  readonly wholeMs: Summary;
  /** From navigation to the first picture. */
  readonly firstFrameMs: number | null;
  /** Times at which no new picture came for longer than {@link FREEZE_MS}. */
  readonly stalls: number;
  /** The longest time without a new picture, milliseconds. */
  readonly longestFreezeMs: number;
  readonly waits: number;
  readonly droppedFrames: number;
  /** Pictures whose bars could not be read: of the page's own, or torn. */
  readonly unread: number;
  readonly bufferedMs: Summary;
};

/** A picture that stands for so long is a stall that a viewer sees. */
export const FREEZE_MS = 250;
/** The first seconds of a join are told apart: the player still looks for its place. */
export const SETTLE_MS = 3000;

/** Sums up a join. Pure. */
export function reportJoin({ shown, firstFrameMs, droppedFrames, waits }: PageReport): JoinReport {
  const read = shown.flatMap((picture) =>
    picture.stampMs === null ? [] : [{ ...picture, stampMs: picture.stampMs }],
  );
  const startMs = read[0]?.toldMs ?? 0;
  const settled = read.filter(({ toldMs }) => toldMs - startMs >= SETTLE_MS);
  const gaps: number[] = [];
  let lastStampMs = -1;
  let newAtMs = startMs;
  for (const { stampMs, displayMs } of read) {
    if (stampMs === lastStampMs) continue;
    if (lastStampMs >= 0) gaps.push(displayMs - newAtMs);
    lastStampMs = stampMs;
    newAtMs = displayMs;
  }
  return {
    latencyMs: summarize(settled.map(({ displayMs, stampMs }) => displayMs - stampMs)),
    toldMs: summarize(settled.map(({ toldMs, stampMs }) => toldMs - stampMs)),
    wholeMs: summarize(read.map(({ displayMs, stampMs }) => displayMs - stampMs)),
    firstFrameMs,
    stalls: gaps.filter((gap) => gap > FREEZE_MS).length,
    longestFreezeMs: Math.max(0, ...gaps),
    waits,
    droppedFrames,
    unread: shown.length - read.length,
    bufferedMs: summarize(settled.map(({ bufferedS }) => bufferedS * 1000)),
  };
}
