import { signal } from '@preact/signals';
import { fetchChannels } from '../../channel/api.ts';
import type { ChannelList } from '../../channel/channel-info.ts';
import { backoffMs } from '../../net/backoff.ts';

/** Between two questions, in milliseconds; half of it is left to chance, so that a school does not ask in step. */
const EVERY_MS = 6000;
/** While nobody looks at the page. */
const HIDDEN_EVERY_MS = 60_000;

/** How the lobby stands with the server. */
export type LobbyState = 'loading' | 'fresh' | 'stale' | 'unreachable' | 'forbidden';

/** The list as it was last heard of; null before the first answer. */
export const channelList = signal<ChannelList | null>(null);
/** How fresh it is. */
export const lobbyState = signal<LobbyState>('loading');
/** What is added to the page's clock to get the server's, in milliseconds. */
export const clockOffsetMs = signal(0);

/** Asks for the channels now and again, for as long as the page lives. */
export function startPolling(token: string | null): void {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  const ask = async () => {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    const answer = await fetchChannels(token);
    asking = false;
    failures = answer.kind === 'ok' ? 0 : failures + 1;
    if (answer.kind === 'ok') {
      channelList.value = answer.value;
      if (answer.value.serverTimeMs > 0) clockOffsetMs.value = answer.value.serverTimeMs - Date.now();
      lobbyState.value = 'fresh';
    } else if (answer.kind === 'forbidden') {
      lobbyState.value = 'forbidden';
    } else {
      lobbyState.value = channelList.value === null ? 'unreachable' : 'stale';
    }
    document.documentElement.dataset['state'] = lobbyState.value;
    const everyMs = document.visibilityState === 'hidden' ? HIDDEN_EVERY_MS : EVERY_MS;
    const waitMs =
      failures === 0 ? everyMs * (0.5 + Math.random()) : 500 + backoffMs(failures, Math.random());
    timer = setTimeout(() => void ask(), waitMs);
  };
  const now = () => void ask();
  addEventListener('online', now);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') now();
  });
  now();
}
