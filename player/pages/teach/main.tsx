import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-teach.css';
import { channelOfTeachPath, streamUrl } from '../../channel/links.ts';
import { createHlsLiveEngine } from '../../live/hls-live-engine.ts';
import { isHlsJsSupported } from '../../playback/hls-support.ts';
import { createNativeLiveEngine } from '../../live/native-live-engine.ts';
import { LiveSession } from '../../live/live-session.ts';
import { mayEdit } from '../../rights/claims.ts';
import { openRights } from '../../rights/rights.ts';
import { TeacherConsole } from '../../teach/teacher-console.ts';
import { t } from '../../text/language.ts';
import { teachText } from '../../text/teach-text.ts';
import { followChannel, followClock } from '../watch/follow.ts';
import { TeachPage } from './teach-page.tsx';

const channel = channelOfTeachPath(location.pathname) ?? '';
const rights = await openRights();
const { own: token } = rights;
const teacherConsole = token !== null && mayEdit(token, channel) ? new TeacherConsole(channel, token) : null;

const video = document.createElement('video');
video.playsInline = true;
// Her own voice from the loudspeaker would be on air again.
video.muted = true;
const engine = isHlsJsSupported() ? createHlsLiveEngine : createNativeLiveEngine;
const session = new LiveSession(video, () => streamUrl(channel, rights.address.value), engine);
video.muted = true;

const page = document.getElementById('page');
if (page !== null) {
  render(
    <TeachPage
      channel={channel}
      rights={rights}
      teacherConsole={teacherConsole}
      session={session}
      video={video}
    />,
    page,
  );
}
effect(() => {
  document.title = `${teachText('title')} · ${session.view.channel.value?.title ?? channel} · ${t('app.name')}`;
});
if (channel !== '') {
  followChannel(session, channel, rights);
  followClock(session);
}
if (teacherConsole !== null) {
  session.open();
  teacherConsole.start();
  effect(() => {
    document.documentElement.dataset['phase'] = teacherConsole.current.phase.value;
  });
}
