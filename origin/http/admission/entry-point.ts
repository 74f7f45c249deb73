import { splitAccessPrefix } from '../playback/playback-access.ts';

/**
 * What a request asks for: to watch (`watch`: a multivariant playlist; `manifest`: an MPD, which players also reload), for a
 * page or a list that is not needed while watching (`page`, `list`), for what only players ask for that are in already
 * (`playing`), or for something else (`other`).
 */
export type RequestKind = 'watch' | 'manifest' | 'page' | 'list' | 'playing' | 'other';

const LISTS = new Set(['/api/channels', '/api/broadcasts']);

/**
 * Tells which requests are a viewer's first. Teachers' and operators' pages are `other`.
 *
 * @param url with query, as it stands in the request
 */
export function requestKind(url: string): RequestKind {
  const queryAt = url.indexOf('?');
  const { path } = splitAccessPrefix(queryAt < 0 ? url : url.slice(0, queryAt));
  if (path.startsWith('/media/')) return 'playing';
  if (path.startsWith('/live/') || path.startsWith('/replay/')) {
    if (path.endsWith('/index.m3u8')) return 'watch';
    return path.endsWith('.mpd') ? 'manifest' : 'playing';
  }
  if (path === '/' || path === '/library' || path.startsWith('/watch/')) return 'page';
  return LISTS.has(path) ? 'list' : 'other';
}
