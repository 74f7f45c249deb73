import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { mayEdit } from '../../channel/editor.ts';
import type { LiveSession } from '../../live/live-session.ts';
import type { Played } from '../../rollcall/student-playhead.ts';

/** The roll call comes when there is a picture, or when there has been none for so long, milliseconds. */
const WITHOUT_PICTURE_MS = 6000;
/** A bell brings all students at once; their second connection need not come with the first. */
const JITTER_MS = 1500;
const AGAIN_MS = 15_000;

/**
 * Loads the roll call once the picture is there, so that it costs nobody a moment of the class.
 *
 * @param picture what is on the screen: live, or the class from its beginning
 * @returns what lies over the picture; null until there is something
 */
export function loadRollCall(
  session: LiveSession,
  channel: string,
  token: string | null,
  picture: () => Pick<Played, 'programTimeMs' | 'isOnAir'>,
): ReadonlySignal<ComponentType | null> {
  const panel = signal<ComponentType | null>(null);
  // Who calls the roll does not answer it.
  if (mayEdit(token, channel)) return panel;
  const open = async (): Promise<void> => {
    try {
      const { openRollCall } = await import('../../rollcall/open-roll-call.tsx');
      const played = {
        programTimeMs: () => picture().programTimeMs(),
        isOnAir: () => picture().isOnAir(),
        serverNowMs: () => session.serverNowMs(),
      };
      panel.value = openRollCall({ channel, token, played });
    } catch {
      // The line is down. The class may go on from its buffer, and this comes later.
      setTimeout(() => void open(), AGAIN_MS);
    }
  };
  let isDue = false;
  const due = (): void => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => void open(), Math.random() * JITTER_MS);
  };
  setTimeout(due, WITHOUT_PICTURE_MS);
  effect(() => {
    if (session.view.stats.value.firstFrameMs !== null) due();
  });
  return panel;
}
