import { request } from '../net/request.ts';
import type { WatchedReply } from './watched-reporter.ts';

/** Statuses of 400 to 499 that another time, or another token, may mend. */
const NOT_FINAL = new Set([401, 403, 408, 425, 429]);

/**
 * Reports by HTTP that a minute was watched, where no WebSocket can.
 *
 * @param minute since the epoch of program date time
 */
export async function postWatched(channel: string, token: string, minute: number): Promise<WatchedReply> {
  try {
    const options = { method: 'POST', json: { minute }, keepalive: true } as const;
    const response = await request(`/api/rollcall/${channel}/watched`, token, options);
    return watchedReply(response.status, response.headers.get('retry-after'));
  } catch {
    return { kind: 'later', retryAfterMs: null };
  }
}

/**
 * What a response says of the minute.
 *
 * @param retryAfter the header `Retry-After`
 */
export function watchedReply(status: number, retryAfter: string | null): WatchedReply {
  const isFinal = status < 500 && !NOT_FINAL.has(status);
  if (isFinal) return { kind: 'settled' };
  const seconds = Number(retryAfter ?? Number.NaN);
  return { kind: 'later', retryAfterMs: seconds > 0 ? seconds * 1000 : null };
}
