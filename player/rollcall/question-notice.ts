import type { ReadonlySignal } from '@preact/signals';
import { leaveVideoScreen } from '../stage/fullscreen.ts';
import { rollcallText } from '../text/rollcall-text.ts';
import { titleAlert } from '../ui/page-title.ts';
import { chime } from './chime.ts';
import type { CallView } from './call-view.ts';

/**
 * Makes a question known to a viewer who does not see the page: in a phone's full screen, in a window of the picture alone, or with
 * another tab in front. It sounds, stands in the title of the tab, and is a notification where she has allowed those.
 */
export function noticeQuestions(view: ReadonlySignal<CallView>): void {
  let askedId = '';
  let notification: Notification | null = null;
  view.subscribe((now) => {
    const callId = now.kind === 'asking' ? now.call.callId : '';
    if (callId === askedId) return;
    askedId = callId;
    notification?.close();
    notification = null;
    titleAlert.value = now.kind === 'asking' ? `❓ ${now.call.prompt}` : null;
    if (now.kind !== 'asking') return;
    chime();
    leaveVideoScreen();
    if (document.visibilityState === 'hidden') notification = notify(callId, now.call.prompt);
  });
}

function notify(tag: string, prompt: string): Notification | null {
  if (typeof Notification !== 'function' || Notification.permission !== 'granted') return null;
  try {
    const notification = new Notification(rollcallText('asks'), {
      body: prompt,
      tag,
      requireInteraction: true,
    });
    notification.addEventListener('click', () => {
      globalThis.focus();
      notification.close();
    });
    return notification;
  } catch {
    // Phones show those of service workers alone.
    return null;
  }
}
