import { type Answer, ask } from './api.ts';
import {
  type BroadcastInfo,
  type BroadcastPage,
  parseBroadcast,
  parseBroadcastPage,
} from './broadcast-info.ts';

/** What a teacher or operator may change; null removes a trim. Times in UTC milliseconds. */
export type BroadcastChange = {
  readonly title?: string;
  readonly teacher?: string;
  readonly subject?: string;
  readonly grade?: number;
  readonly trimStartMs?: number | null;
  readonly trimEndMs?: number | null;
  readonly keep?: boolean;
};

/**
 * Asks for a page of the library, newest first.
 *
 * @param query of the API, without `?`
 */
export function fetchBroadcasts(query: string, token: string | null): Promise<Answer<BroadcastPage>> {
  return ask(`/api/broadcasts${query === '' ? '' : `?${query}`}`, token, parseBroadcastPage);
}

/** Asks for one broadcast. */
export function fetchBroadcast(
  channel: string,
  id: string,
  token: string | null,
): Promise<Answer<BroadcastInfo>> {
  return ask(pathOf(channel, id), token, parseBroadcast);
}

/** Changes a broadcast, and returns it as it is now. */
export function changeBroadcast(
  { channel, id }: BroadcastInfo,
  change: BroadcastChange,
  token: string | null,
): Promise<Answer<BroadcastInfo>> {
  return ask(pathOf(channel, id), token, parseBroadcast, { method: 'PATCH', body: change });
}

/** Deletes a broadcast for good. */
export function deleteBroadcast({ channel, id }: BroadcastInfo, token: string | null): Promise<Answer<true>> {
  return ask(pathOf(channel, id), token, () => true, { method: 'DELETE' });
}

function pathOf(channel: string, id: string): string {
  return `/api/channels/${channel}/broadcasts/${id}`;
}
