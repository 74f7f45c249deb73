import { readPlaylist } from '../../test/conformance/playlist-reader.ts';
import { fetchText } from './fetching.ts';

/** Address of the newest part that a media playlist lists: the one that stays in the window for longest. */
export async function newestPartUrl(playlistUrl: string): Promise<string> {
  const part = readPlaylist(await fetchText(playlistUrl))
    .segments.flatMap(({ parts }) => parts)
    .at(-1);
  if (part === undefined) throw new Error(`${playlistUrl}: no part`);
  return new URL(part.uri, playlistUrl).href;
}
