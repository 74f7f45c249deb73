import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-watch.css';
import { channelOfPath, isFromBeginning, streamUrl } from '../../channel/links.ts';
import type { LiveEngineFactory } from '../../live/live-engine.ts';
import { createHlsLiveEngine } from '../../live/hls-live-engine.ts';
import { isHlsJsSupported, isNativeHlsSupported } from '../../playback/hls-support.ts';
import { createNativeLiveEngine } from '../../live/native-live-engine.ts';
import { LiveSession } from '../../live/live-session.ts';
import { openRights } from '../../rights/rights.ts';
import { showMediaInfo } from '../../stage/media-info.ts';
import { t } from '../../text/language.ts';
import { titlePage } from '../../ui/page-title.ts';
import { followChannel, followClock } from './follow.ts';
import { loadRollCall } from './lazy-roll-call.ts';
import { LazyStartOver } from './lazy-start-over.ts';
import { WatchPage } from './watch-page.tsx';

/** What tests can read from the page. */
type Lectern = {
  /** Seconds behind the teacher; NaN while unknown. */
  latencySeconds(): number;
  state(): string;
  /** Index of the level on the screen, lowest first; -1 while unknown. */
  level(): number;
  stalls(): number;
  /** What the machine is too busy for: `no` for nothing. */
  busy(): string;
};

declare global {
  // The one global of the page.
  var lectern: Lectern;
}

const channelId = channelOfPath(location.pathname) ?? '';
const rights = await openRights();
const video = document.createElement('video');
video.playsInline = true;
video.tabIndex = -1;

const factory: LiveEngineFactory | null = isHlsJsSupported()
  ? createHlsLiveEngine
  : isNativeHlsSupported(video)
    ? createNativeLiveEngine
    : null;
const session = new LiveSession(
  video,
  () => streamUrl(channelId, rights.address.value),
  factory ?? createNativeLiveEngine,
);
const { view } = session;
const startOver = new LazyStartOver({ session, video, channel: channelId, rights });

if (channelId === '') session.refuse('not-found');
else if (factory === null) session.refuse('unsupported');
else session.open();

const live = {
  programTimeMs: () => session.programTimeMs(),
  isOnAir: () => view.state.value === 'on-air',
};
const rollCall = loadRollCall(session, channelId, rights, () => startOver.current.value ?? live);
const page = document.getElementById('page');
if (page !== null) {
  const shown = { session, startOver, video, channelId, rights, rollCall };
  render(<WatchPage {...shown} />, page);
}

effect(() => {
  const { dataset } = document.documentElement;
  dataset['state'] = view.state.value;
  dataset['playback'] = view.paused.value ? 'paused' : view.waiting.value ? 'waiting' : 'playing';
  dataset['tap'] = view.tap.value;
});
effect(() => {
  document.documentElement.dataset['mode'] = startOver.current.value === null ? 'live' : 'start-over';
});
if (isFromBeginning(location.search)) {
  // A link to the beginning is followed once: a viewer who then goes to live stays there.
  const stop = view.channel.subscribe(() => {
    if (startOver.open(null)) queueMicrotask(() => stop());
  });
}
titlePage(() => `${view.channel.value?.title ?? channelId} · ${t('app.name')}`);
effect(() => {
  const info = view.channel.value;
  const album = t('app.name');
  if (info !== null) showMediaInfo({ title: info.title, artist: info.teacher ?? '', album, poster: null });
});
globalThis.lectern = {
  latencySeconds: () => session.latencySeconds() ?? Number.NaN,
  state: () => view.state.value,
  level: () => view.playing.value,
  stalls: () => view.stats.value.stalls,
  busy: () => view.busy.value,
};
if (channelId !== '' && factory !== null) {
  followChannel(session, channelId, rights);
  followClock(session);
}
