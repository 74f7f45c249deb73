import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-teach.css';
import { mayEdit } from '../../channel/editor.ts';
import { channelOfTeachPath, streamUrl, tokenOfHash } from '../../channel/links.ts';
import { createHlsEngine } from '../../live/hls-live-engine.ts';
import { isHlsJsSupported } from '../../playback/hls-support.ts';
import { createNativeEngine } from '../../live/native-live-engine.ts';
import { Session } from '../../live/live-session.ts';
import { TeachDesk } from '../../teach/teacher-console.ts';
import { t } from '../../text/language.ts';
import { tt } from '../../text/teach-text.ts';
import { followChannel, followClock } from '../watch/follow.ts';
import { TeachPage } from './teach-page.tsx';

const channel = channelOfTeachPath(location.pathname) ?? '';
const token = tokenOfHash(location.hash);
const desk = token !== null && mayEdit(token, channel) ? new TeachDesk(channel, token) : null;

const video = document.createElement('video');
video.playsInline = true;
// Her own voice from the loudspeaker would go on air again.
video.muted = true;
const engine = isHlsJsSupported() ? createHlsEngine : createNativeEngine;
const session = new Session(video, streamUrl(channel, token), engine);
video.muted = true;

const page = document.getElementById('page');
if (page !== null) {
  render(<TeachPage channel={channel} desk={desk} session={session} video={video} />, page);
}
effect(() => {
  document.title = `${tt('title')} · ${session.view.channel.value?.title ?? channel} · ${t('app.name')}`;
});
if (channel !== '') {
  followChannel(session, channel, token);
  followClock(session);
}
if (desk !== null) {
  session.open();
  desk.start();
  effect(() => {
    document.documentElement.dataset['phase'] = desk.phase.value;
  });
}
