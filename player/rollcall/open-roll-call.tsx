import type { ComponentType } from 'preact';
import '../styles/rollcall.css';
import { rollcallText } from '../text/rollcall-text.ts';
import { memorize, recalled } from '../ui/browser-memory.ts';
import { browserLater } from './named-timers.ts';
import { openTransport } from './open-transport.ts';
import { askGuest, Identity } from './identity.ts';
import { openIndexedAnswers } from './indexed-answers.ts';
import { postAnswer } from './post-answer.ts';
import { postWatched } from './post-watched.ts';
import { memorizeTransport, recalledTransport } from './remembered-transport.ts';
import { RollCall } from './roll-call.ts';
import { RollCallPanel } from './roll-call-panel.tsx';
import { steadyInterval } from './steady-interval.ts';
import { noticeQuestions } from './question-notice.ts';
import type { Played } from './student-playhead.ts';

/** How often the playhead is compared with the call, milliseconds. */
const LOOK_MS = 100;

/**
 * Opens the roll call of a channel.
 *
 * @param options.token of the page's address; null without one
 * @returns the roll call over the picture
 */
export function openRollCall(options: {
  readonly channel: string;
  readonly token: string | null;
  /** The name in it; '' where it has none. */
  readonly name: string;
  /** The class that is on air; null while unknown. */
  readonly classId: () => string | null;
  readonly played: Played;
}): ComponentType {
  const { channel, token, name, classId, played } = options;
  const identity = new Identity({
    ...{ channel, linkToken: token, linkName: name, classId, memory: { recalled, memorize } },
    spareName: rollcallText('guest', { number: 1000 + Math.floor(Math.random() * 9000) }),
    askGuest: (body) => askGuest(channel, body),
    nowMs: () => played.serverNowMs(),
  });
  const rollCall = new RollCall({
    ...{ channel, played, identity, openStore: openIndexedAnswers, random: Math.random },
    connect: (kind, held, events) => openTransport(channel, kind, held, events),
    post: (held, frame) => postAnswer(channel, held, frame),
    postWatched: (held, minute) => postWatched(channel, held, minute),
    steadyMs: () => performance.now(),
    later: browserLater,
    remembered: { recalled: recalledTransport, memorize: memorizeTransport },
  });
  void rollCall.start();
  steadyInterval(() => rollCall.update(), LOOK_MS);
  noticeQuestions(rollCall.view);
  addEventListener('online', () => rollCall.hurry());
  // The browser's cache of pages, or a machine that slept, has cut the connection without a word.
  addEventListener('pageshow', ({ persisted }) => persisted && rollCall.hurry());
  document.addEventListener('resume', () => rollCall.hurry());
  rollCall.view.subscribe((view) => {
    document.documentElement.dataset['roll'] = view.kind;
  });
  return () => <RollCallPanel rollCall={rollCall} />;
}
