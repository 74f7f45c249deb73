import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-watch.css';
import { channelOfPath, isFromBeginning, streamUrl, tokenOfHash } from '../../channel/links.ts';
import type { EngineFactory } from '../../live/live-engine.ts';
import { createHlsEngine } from '../../live/hls-live-engine.ts';
import { isHlsJsSupported, isNativeHlsSupported } from '../../playback/hls-support.ts';
import { createNativeEngine } from '../../live/native-live-engine.ts';
import { Session } from '../../live/live-session.ts';
import { t } from '../../text/language.ts';
import { describeToSystem } from './media-session.ts';
import { followChannel, followClock } from './follow.ts';
import { openRollCallLater } from './lazy-roll-call.ts';
import { StartOverDoor } from './lazy-start-over.ts';
import { WatchPage } from './watch-page.tsx';

/** What tests and the curious may ask of the page. */
type Lectern = {
  /** Seconds behind the teacher; NaN while unknown. */
  latencySeconds(): number;
  state(): string;
  /** Index of the level on the screen, lowest first; -1 while unknown. */
  level(): number;
  stalls(): number;
};

declare global {
  // The one global of the page.
  var lectern: Lectern;
}

const channelId = channelOfPath(location.pathname) ?? '';
const token = tokenOfHash(location.hash);
const video = document.createElement('video');
video.playsInline = true;
video.tabIndex = -1;

const factory: EngineFactory | null = isHlsJsSupported()
  ? createHlsEngine
  : isNativeHlsSupported(video)
    ? createNativeEngine
    : null;
const session = new Session(video, streamUrl(channelId, token), factory ?? createNativeEngine);
const { view } = session;
const door = new StartOverDoor({ session, video, channel: channelId, token });

if (channelId === '') session.refuse('not-found');
else if (factory === null) session.refuse('unsupported');
else session.open();

const live = {
  programTimeMs: () => session.programTimeMs(),
  isOnAir: () => view.state.value === 'on-air',
};
const rollCall = openRollCallLater(session, channelId, token, () => door.inside.value ?? live);
const page = document.getElementById('page');
if (page !== null) {
  const shown = { session, door, video, channelId, token, rollCall };
  render(<WatchPage {...shown} />, page);
}

effect(() => {
  const { dataset } = document.documentElement;
  dataset['state'] = view.state.value;
  dataset['playback'] = view.paused.value ? 'paused' : view.waiting.value ? 'waiting' : 'playing';
  dataset['tap'] = view.tap.value;
});
effect(() => {
  document.documentElement.dataset['mode'] = door.inside.value === null ? 'live' : 'start-over';
});
if (isFromBeginning(location.search)) {
  // A link to the beginning leads there once: who goes to live then stays there.
  const stop = view.channel.subscribe(() => {
    if (door.open(null)) queueMicrotask(() => stop());
  });
}
effect(() => {
  document.title = `${view.channel.value?.title ?? channelId} · ${t('app.name')}`;
  describeToSystem(view.channel.value, t('app.name'));
});
globalThis.lectern = {
  latencySeconds: () => session.latencySeconds() ?? Number.NaN,
  state: () => view.state.value,
  level: () => view.playing.value,
  stalls: () => view.stats.value.stalls,
};
if (channelId !== '' && factory !== null) {
  followChannel(session, channelId, token);
  followClock(session);
}
