/** What a class waits for: a kind that has not come yet, or one that has stopped. */
export const AWAITED = ['first-picture', 'first-sound', 'picture', 'sound'] as const;

/** One of {@link AWAITED}. */
export type Awaited = (typeof AWAITED)[number];

/** A kind that has not come for this long has stopped, milliseconds: longer than phones need to change their camera. */
const STOPPED_MS = 5000;

/**
 * Tells what a publisher that is connected does not send. Pure.
 *
 * @param silentMs how long ago something new of each kind came, milliseconds; null where nothing has
 * @returns pictures first; empty where both kinds come
 */
export function awaitedMedia(silentMs: {
  readonly picture: number | null;
  readonly sound: number | null;
}): readonly Awaited[] {
  return (['picture', 'sound'] as const).flatMap((kind): Awaited[] => {
    const ms = silentMs[kind];
    if (ms === null) return [`first-${kind}`];
    return ms >= STOPPED_MS ? [kind] : [];
  });
}
