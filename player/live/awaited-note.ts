import type { Awaited } from '../../shared/awaited-media.ts';
import type { LiveState } from './live-state.ts';

/** What a student is told of a class whose teacher does not send everything. */
export type AwaitedNote = 'first-picture' | 'first-sound' | 'picture' | 'sound' | 'both';

/** States in which no class is on air and one may begin. */
const BETWEEN_CLASSES: readonly LiveState[] = ['before', 'interrupted', 'over'];

/**
 * Tells whether a teacher's encoder is connected and has sent neither picture nor sound: students wait for her, not she for them.
 *
 * @param awaited as the API says it
 */
export function isTeacherConnected(state: LiveState, awaited: readonly Awaited[]): boolean {
  return (
    BETWEEN_CLASSES.includes(state) && awaited.includes('first-picture') && awaited.includes('first-sound')
  );
}

/**
 * Chooses what a student is told while she watches a class on air.
 *
 * @param awaited as the API says it
 * @param audioOnly she plays the sound alone: no picture is missing
 * @returns null where nothing is missing, or no class is on air
 */
export function awaitedNote(
  state: LiveState,
  awaited: readonly Awaited[],
  audioOnly: boolean,
): AwaitedNote | null {
  if (state !== 'on-air') return null;
  const picture = audioOnly ? null : awaited.find((what) => what.endsWith('picture'));
  const sound = awaited.find((what) => what.endsWith('sound'));
  // A picture that is still to come says more than that the sound has stopped: nothing of the class was seen yet.
  if (picture && sound) return picture === 'first-picture' ? picture : 'both';
  return picture ?? sound ?? null;
}
