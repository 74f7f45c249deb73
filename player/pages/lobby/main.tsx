import { effect } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-lobby.css';
import { openRights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { LobbyPage } from './lobby-page.tsx';
import { startPolling } from './poll.ts';

const rights = await openRights();
const page = document.getElementById('page');
if (page !== null) render(<LobbyPage rights={rights} />, page);
effect(() => {
  document.title = `${t('lobby.title')} · ${t('app.name')}`;
});
startPolling(rights.own);
