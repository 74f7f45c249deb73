import { describeError } from '../shared/errors.ts';

/**
 * Reads from a channel's playlists what is on air, as a player would.
 *
 * @param url address of the origin
 * @returns the state of the run that is on air (RunState of the packager), or the reason why it is unknown
 */
export async function fetchRunState(url: string, channel: string): Promise<string> {
  try {
    const multivariant = await fetchText(`${url}/live/${channel}/index.m3u8`);
    const first = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'));
    if (first === undefined) return 'a multivariant playlist without renditions';
    return runState(await fetchText(new URL(first, `${url}/live/${channel}/index.m3u8`).href));
  } catch (error) {
    return describeError(error);
  }
}

/**
 * Reads from a media playlist what is on air: the state of the last date range that has no end.
 *
 * @param playlist text of a media playlist (EXT-X-DATERANGE, RFC 8216bis §4.4.5.1)
 */
export function runState(playlist: string): string {
  const open = playlist
    .split('\n')
    .filter((line) => line.startsWith('#EXT-X-DATERANGE:') && !line.includes(',END-DATE='))
    .filter((line) => line.includes(',X-STATE='));
  return /,X-STATE="([^"]*)"/.exec(open.at(-1) ?? '')?.[1] ?? 'a playlist without a run';
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`);
  return text;
}
