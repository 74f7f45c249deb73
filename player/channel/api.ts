import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';
import { refusedBy } from '../rights/link-fault.ts';
import { type ChannelInfo, type ChannelList, parseChannel, parseChannelList } from './channel-info.ts';

/** The result of a request to the API. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'forbidden' }
  /** `afterMs`: the wait that a server without room asks for, in milliseconds; null where it asks for none. */
  | { readonly kind: 'unreachable'; readonly afterMs: number | null };

/** Asks for all channels. */
export function fetchChannels(token: string | null): Promise<Answer<ChannelList>> {
  return ask('/api/channels', token, parseChannelList);
}

/**
 * Asks for one channel.
 *
 * @param id channel id
 */
export function fetchChannel(id: string, token: string | null): Promise<Answer<ChannelInfo>> {
  return ask(`/api/channels/${id}`, token, parseChannel);
}

/** Address that tells the server's time. */
export const TIME_PATH = '/api/time';

/**
 * Asks for the server's time.
 *
 * @returns UTC milliseconds, or null where the request fails
 */
export async function fetchServerTimeMs(): Promise<number | null> {
  try {
    const response = await request(TIME_PATH, null, { fresh: true });
    const timeMs = response.ok ? Date.parse((await response.text()).trim()) : Number.NaN;
    return Number.isFinite(timeMs) ? timeMs : null;
  } catch {
    return null;
  }
}

/** Tells whether the server delivers a file to this page. */
export async function isServed(url: string): Promise<boolean> {
  try {
    const response = await request(url, null);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Fetches a text of the API.
 *
 * @param path without host
 * @returns null where the request fails
 */
export async function fetchText(path: string, token: string | null): Promise<string | null> {
  try {
    const response = await request(path, token);
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/**
 * Asks the API.
 *
 * @param parse reads the response; null for one that is not valid
 * @param change method and body of a change; without it the request is a GET
 */
export async function ask<T>(
  path: string,
  token: string | null,
  parse: (value: unknown) => T | null,
  change?: { readonly method: 'PATCH' | 'DELETE'; readonly body?: object },
): Promise<Answer<T>> {
  try {
    const response = await request(path, token, {
      method: change?.method ?? 'GET',
      ...(change?.body === undefined ? {} : { json: change.body }),
    });
    if (response.status === 404) return { kind: 'not-found' };
    if (response.status === 401 || response.status === 403) {
      refusedBy(errorReplyOf(await response.text()));
      return { kind: 'forbidden' };
    }
    if (!response.ok) return { kind: 'unreachable', afterMs: retryAfterMs(response) };
    const value = parse(response.status === 204 ? null : await response.json());
    return value === null ? { kind: 'unreachable', afterMs: null } : { kind: 'ok', value };
  } catch {
    return { kind: 'unreachable', afterMs: null };
  }
}
