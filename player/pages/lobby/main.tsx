import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-lobby.css';
import { tokenOfHash } from '../../channel/links.ts';
import { t } from '../../text/language.ts';
import { LobbyPage } from './lobby-page.tsx';
import { startPolling } from './poll.ts';

const token = tokenOfHash(location.hash);
const page = document.getElementById('page');
if (page !== null) render(<LobbyPage token={token} />, page);
effect(() => {
  document.title = `${t('lobby.title')} · ${t('app.name')}`;
});
startPolling(token);
