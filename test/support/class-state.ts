import { runState } from '../../cli/on-air.ts';

/** A channel as its own playlist tells it. */
export type ClassState = {
  /** State of the run that is on air: `on-air`, `interrupted`, … */
  readonly state: string;
  /** Number of the newest whole segment. */
  readonly newestNumber: number;
};

/**
 * Reads a channel's multivariant playlist and the first media playlist in it.
 *
 * @param url address of the origin
 * @throws {Error} when either is not to be had
 */
export async function fetchClassState(url: string, channel: string): Promise<ClassState> {
  const at = `${url}/live/${channel}/index.m3u8`;
  const first = (await text(at)).split('\n').find((line) => line !== '' && !line.startsWith('#'));
  if (first === undefined) throw new Error('a multivariant playlist without renditions');
  const playlist = await text(new URL(first, at).href);
  const firstNumber = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(playlist)?.[1] ?? Number.NaN);
  const count = playlist.match(/^#EXTINF:/gm)?.length ?? 0;
  return { state: runState(playlist), newestNumber: firstNumber + count - 1 };
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}
