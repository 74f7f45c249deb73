import { AppError } from '../../shared/errors.ts';
import { isChannelId } from '../../shared/names.ts';

/** A request for a replay is rejected. */
export class ReplayError extends AppError {}

/** A parsed replay path. */
export type ReplayTarget = {
  readonly channel: string;
  /** UTC milliseconds; `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** An object with the rendition's id for a media playlist. */
  readonly file: 'index.m3u8' | 'manifest.mpd' | { readonly rendition: string };
};

/** The longest replay: a day. */
const MAX_RANGE_MS = 24 * 3_600_000;
const RANGE = /^(\d{1,15})-(\d{1,15})$/;
const PLAYLIST = /^([a-z0-9-]{1,64})\.m3u8$/;

/**
 * Reads `/replay/{channel}/{fromMs}-{toMs}/{file}`.
 *
 * @param path without query; still percent-encoded: valid names need no escapes
 * @returns null for any other path
 * @throws {ReplayError} `bad-replay-range` or `range-too-long` (400), `not-found` (404) for another file
 */
export function parseReplayPath(path: string): ReplayTarget | null {
  const [, root, channel = '', range = '', name = '', ...rest] = path.split('/');
  if (root !== 'replay' || !isChannelId(channel) || range === '' || rest.length > 0) return null;
  const match = RANGE.exec(range);
  const fromMs = Number(match?.[1]);
  const toMs = Number(match?.[2]);
  if (match === null || toMs <= fromMs) {
    throw new ReplayError(
      `range ${JSON.stringify(range.slice(0, 40))}: want {from}-{to} in UTC milliseconds, the end after the start`,
      { code: 'bad-replay-range', status: 400 },
    );
  }
  if (toMs - fromMs > MAX_RANGE_MS) {
    throw new ReplayError(`range ${range}: ${toMs - fromMs} ms, at most ${MAX_RANGE_MS}`, {
      code: 'range-too-long',
      status: 400,
    });
  }
  if (name === 'index.m3u8' || name === 'manifest.mpd') return { channel, fromMs, toMs, file: name };
  const rendition = PLAYLIST.exec(name)?.[1];
  if (rendition === undefined) {
    throw new ReplayError(`${JSON.stringify(name.slice(0, 40))}: a replay has no such file`, {
      code: 'not-found',
      status: 404,
    });
  }
  return { channel, fromMs, toMs, file: { rendition } };
}
