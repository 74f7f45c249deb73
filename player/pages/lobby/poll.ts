import { signal } from '@preact/signals';
import { fetchChannels } from '../../channel/api.ts';
import type { ChannelList } from '../../channel/channel-info.ts';
import { backoffMs } from '../../net/backoff.ts';

/** Mean time between two requests, in milliseconds; each is drawn at random, so that a school does not ask in step. */
const EVERY_MS = 6000;
/** The same while the page is hidden. */
const HIDDEN_EVERY_MS = 60_000;

/** Whether the list is up to date. */
export type LobbyState = 'loading' | 'fresh' | 'stale' | 'unreachable' | 'full' | 'forbidden';

/** The last list; null before the first response. */
export const channelList = signal<ChannelList | null>(null);
/** Whether it is up to date. */
export const lobbyState = signal<LobbyState>('loading');
/** What is added to the page's clock to get the server's, in milliseconds. */
export const clockOffsetMs = signal(0);

/** Asks for the channels again and again, for as long as the page lives. */
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
      const isFull = answer.kind === 'unreachable' && answer.afterMs !== null;
      lobbyState.value = channelList.value !== null ? 'stale' : isFull ? 'full' : 'unreachable';
    }
    document.documentElement.dataset['state'] = lobbyState.value;
    const everyMs = document.visibilityState === 'hidden' ? HIDDEN_EVERY_MS : EVERY_MS;
    const toldMs = answer.kind === 'unreachable' ? (answer.afterMs ?? 0) : 0;
    const waitMs =
      failures === 0 ? everyMs * (0.5 + Math.random()) : toldMs + 500 + backoffMs(failures, Math.random());
    timer = setTimeout(() => void ask(), waitMs);
  };
  const now = () => void ask();
  addEventListener('online', now);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') now();
  });
  now();
}
