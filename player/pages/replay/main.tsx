import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-replay.css';
import { broadcastOfPath } from '../../channel/links.ts';
import { openRights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { ReplayModel } from './replay-model.ts';
import { ReplayPage } from './replay-page.tsx';
import { ReplayPlayer } from './replay-player.ts';

const ids = broadcastOfPath(location.pathname) ?? { channel: '', id: '' };
const rights = await openRights();
const video = document.createElement('video');
video.playsInline = true;
video.tabIndex = -1;

const model = new ReplayModel(ids, rights.own);
const player = new ReplayPlayer(video, rights);

const page = document.getElementById('page');
if (page !== null) {
  render(
    <ReplayPage model={model} player={player} video={video} channel={ids.channel} rights={rights} />,
    page,
  );
}

effect(() => {
  const broadcast = model.broadcast.value;
  const isFound = model.finding.value === 'found';
  untracked(() => {
    if (isFound && broadcast !== null) player.play(broadcast);
    else player.close();
  });
});
effect(() => {
  const state = player.session.value?.view.state.value;
  // Media may be denied or gone because the broadcast is: the API tells.
  if (state === 'gone' || state === 'forbidden') void model.ask();
});
effect(() => {
  const { dataset } = document.documentElement;
  const session = player.session.value;
  const isOnAir = model.finding.value === 'found' && model.broadcast.value?.replay === null;
  dataset['state'] = session?.view.state.value ?? (isOnAir ? 'on-air' : model.finding.value);
  dataset['playback'] =
    session === null
      ? 'none'
      : session.view.paused.value
        ? 'paused'
        : session.view.waiting.value
          ? 'waiting'
          : 'playing';
});
effect(() => {
  document.title = `${model.broadcast.value?.title ?? ids.channel} · ${t('app.name')}`;
});
if (ids.id === '') model.remove();
else void model.ask();
