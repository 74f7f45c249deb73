import { request } from '../net/request.ts';

/**
 * Reports by HTTP that a minute was watched, where no WebSocket can.
 *
 * @param minute since the epoch of program date time
 * @returns false when the server did not take it
 */
export async function postWatched(channel: string, token: string, minute: number): Promise<boolean> {
  try {
    const options = { method: 'POST', json: { minute }, keepalive: true } as const;
    return (await request(`/api/rollcall/${channel}/watched`, token, options)).ok;
  } catch {
    return false;
  }
}
