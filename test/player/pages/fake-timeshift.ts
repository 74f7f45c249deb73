import type { FakeLibrary } from './fake-library.ts';
import { type FakeMedia, mediaPlaylist, multivariant } from './fake-media.ts';

/** A file that was asked for. */
export type FakeFile = { readonly type: string; readonly body: string | Buffer };

/** A sheet of two thumbnails. */
const SHEET =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="90">' +
  '<rect width="160" height="90" fill="teal"/><rect x="160" width="160" height="90" fill="navy"/></svg>';

/** Serves replays, start-overs, posters and storyboards as the origin does; null for any other path. */
export function servePast(library: FakeLibrary, media: FakeMedia, url: URL): FakeFile | null {
  const { pathname: path, search } = url;
  const playlist = (body: string): FakeFile => ({ type: 'application/vnd.apple.mpegurl', body });
  const [, name = ''] = /^\/fake\/([\w.-]+)$/.exec(path) ?? [];
  const bytes = name === '' ? null : media.read(name);
  if (bytes !== null) return { type: 'video/mp4', body: bytes };

  const [, fromMs, file] = /^(?:\/t\/[\w.-]+)?\/replay\/[a-z0-9-]+\/(\d+)-\d+\/(\w+)\.m3u8$/.exec(path) ?? [];
  if (fromMs !== undefined) {
    const startMs = Number(fromMs);
    // What was deleted is not served any more.
    const replay = path.replace(/^\/t\/[\w.-]+/, '').replace(/\w+\.m3u8$/, 'index.m3u8');
    if (!library.broadcasts.some((broadcast) => broadcast['replay'] === replay)) return null;
    const options = { startMs, untilMs: null, overMs: null };
    return playlist(file === 'index' ? multivariant('') : mediaPlaylist(media, options));
  }
  const start = url.searchParams.get('start');
  const [, channel, live] = /^(?:\/t\/[\w.-]+)?\/live\/([a-z0-9-]+)\/(\w+)\.m3u8$/.exec(path) ?? [];
  if (live !== undefined && start !== null) {
    const startMs = Number(start);
    const broadcast = library.broadcasts.find((one) => one.channel === channel && one.startMs === startMs);
    const overMs = broadcast?.endMs ?? null;
    const options = { startMs, untilMs: Date.now(), overMs };
    return playlist(live === 'index' ? multivariant(search) : mediaPlaylist(media, options));
  }
  if (/\/(poster|sheet-0)\.jpg$/.test(path)) return { type: 'image/svg+xml', body: SHEET };
  if (path.endsWith('/storyboard.vtt')) return { type: 'text/vtt', body: storyboard() };
  return null;
}

function storyboard(): string {
  const time = (seconds: number) =>
    `00:0${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.000`;
  const cues = [0, 48].map(
    (from, i) => `${time(from)} --> ${time(from + 48)}\nsheet-0.jpg#xywh=${i * 160},0,160,90\n`,
  );
  return `WEBVTT\n\n${cues.join('\n')}`;
}
