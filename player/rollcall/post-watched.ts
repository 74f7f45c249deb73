const PATIENCE_MS = 10_000;

/**
 * Tells by HTTP that a minute was watched, where no WebSocket brings it through.
 *
 * @param minute since the epoch of program date time
 * @returns false when it was not taken
 */
export async function postWatched(channel: string, token: string, minute: number): Promise<boolean> {
  try {
    const answer = await fetch(`/api/rollcall/${channel}/watched`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ minute }),
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
