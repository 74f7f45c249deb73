import type { FrameGrid } from '../timeline/frame-grid.ts';
import type { PlanChange } from './step-controller.ts';

/** What a new ffmpeg needs until its first picture, milliseconds, and for each picture that it decodes before. */
const START_MS = 350;
const DECODE_MS = 6;
const MAX_START_MS = 2000;
/** A new encoder that takes over while the old one keeps up is given this time, milliseconds. */
const UNHURRIED_START_MS = 1200;
/** So close before the start of a segment a keyframe of its own is not worth it, milliseconds. */
const NEAR_MS = 200;

/**
 * Chooses the first frame of a new encoder. Pure.
 *
 * In a hurry it is the one that the publisher will have sent when the encoder is ready: the picture stands no longer than needed.
 * Otherwise, and for a track that is not on air, it is the start of a segment.
 *
 * @param newestFrame the publisher's newest
 * @param backlog pictures that are decoded first
 * @param begins the encoder opens a track
 */
export function startFrame(
  grid: FrameGrid,
  newestFrame: number,
  backlog: number,
  reason: PlanChange['reason'],
  begins: boolean,
): number {
  const startMs = Math.min(MAX_START_MS, START_MS + backlog * DECODE_MS);
  if (reason === 'room' || reason === 'capacity' || begins) {
    return grid.segmentStart(newestFrame + grid.framesIn(Math.max(UNHURRIED_START_MS, startMs)));
  }
  const frame = newestFrame + grid.framesIn(startMs);
  const boundary = grid.segmentStart(frame);
  if (boundary - frame <= grid.framesIn(NEAR_MS)) return boundary;
  // An even number: a frame of the half rate as well.
  return frame + (frame % 2);
}
