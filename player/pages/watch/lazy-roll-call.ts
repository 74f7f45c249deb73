import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { type ComponentType, h } from 'preact';
import { loadPart } from '../../net/load-part.ts';
import { PartNote } from '../../ui/part-note.tsx';
import type { LiveSession } from '../../live/live-session.ts';
import { mayEdit } from '../../rights/claims.ts';
import type { Rights } from '../../rights/rights.ts';
import type { Played } from '../../rollcall/student-playhead.ts';

/** The roll call is loaded when there is a picture, or after this long without one, milliseconds. */
const WITHOUT_PICTURE_MS = 3500;
/** At the bell all students connect at once; their second connection waits up to this long, milliseconds. */
const JITTER_MS = 1500;
const AGAIN_MS = 15_000;

/**
 * Loads the roll call after the first picture, so that it does not delay it.
 *
 * @param picture what is on the screen: live, or the class from its beginning
 * @returns the roll call over the picture; null until it is loaded
 */
export function loadRollCall(
  session: LiveSession,
  channel: string,
  rights: Rights,
  picture: () => Pick<Played, 'programTimeMs' | 'isOnAir'>,
): ReadonlySignal<ComponentType | null> {
  const panel = signal<ComponentType | null>(null);
  // A teacher does not answer her own call.
  if (mayEdit(rights.own, channel)) return panel;
  const open = async (): Promise<void> => {
    const loaded = await loadPart(() => import('../../rollcall/open-roll-call.tsx'));
    if (loaded.kind === 'loaded') {
      const { openRollCall } = loaded.part;
      const played = {
        programTimeMs: () => picture().programTimeMs(),
        isOnAir: () => picture().isOnAir(),
        serverNowMs: () => session.serverNowMs(),
        calls: () => session.calls(),
      };
      const { own: token, claims } = rights;
      const classId = () => session.view.channel.value?.broadcast?.id ?? null;
      panel.value = openRollCall({ channel, token, name: claims.name, classId, played });
      return;
    }
    // The class may continue from its buffer; the roll call is loaded later, or with the page anew.
    if (loaded.fault === 'outdated') panel.value = () => h(PartNote, { fault: 'outdated' });
    setTimeout(() => void open(), AGAIN_MS);
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
