import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LecternConfig } from '../../../config/schema.ts';
import { answerIsPrivate } from '../../../shared/http-errors.ts';
import {
  bearerToken,
  isForChannel,
  type TokenClaims,
  TokenError,
  verifyToken,
} from '../../../shared/token.ts';
import { mayEdit, requireAddressRole } from '../../../shared/viewer-token.ts';
import type { Exchange } from '../reply/exchange.ts';
import { requestHeader } from '../reply/request-header.ts';
import { cutPart } from './playback-errors.ts';

/** Who may play a channel, and whether an edge in front of this origin checks that too. */
export type PlaybackAccess = Pick<LecternConfig, 'access' | 'secret'> &
  Partial<Pick<LecternConfig, 'edgeChecksTokens'>>;

/** The cookie with a viewer's token, see `POST /api/viewer-token`. */
export const ACCESS_COOKIE = 'lectern-token';

const PREFIX = /^\/t\/([A-Za-z0-9._-]{1,4096})(\/.*)$/;

/**
 * Splits the token off the front of a path: `/t/{token}/live/…` becomes `/live/…`. Playlists are relative, so a player keeps
 * the prefix, while the cached objects are the same for everybody.
 */
export function splitAccessPrefix(path: string): { readonly path: string; readonly token: string | null } {
  if (!path.startsWith('/t/')) return { path, token: null };
  const match = PREFIX.exec(path);
  return match === null ? { path, token: null } : { path: match[2] ?? '/', token: match[1] ?? null };
}

/**
 * Checks that a request may watch a channel.
 *
 * @param token from the path's prefix; where there is none, the Authorization header is used, and then the cookie
 * @param nowMs UTC milliseconds
 * @returns the exchange, with whom its answer is for
 * @throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden`, `token-in-address` (403)
 */
export function checkPlayback(
  playback: PlaybackAccess,
  channel: string,
  token: string | null,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  nowMs: number,
): Exchange {
  if (playback.access === 'open') {
    refuseInAddress(playback, token, nowMs);
    return { req, res, privateForS: null };
  }
  if (playback.edgeChecksTokens !== true) answerIsPrivate(res);
  const { exp } = readerClaims(playback, channel, token, req, nowMs);
  return { req, res, privateForS: playback.edgeChecksTokens === true ? null : secondsUntil(exp, nowMs) };
}

/**
 * Refuses a token in an address that must not be there, also where none is needed: it is in a log by now, and whoever put it there is
 * told. Any other is left aside.
 *
 * @param token out of the address; null where there is none
 * @throws {TokenError} `token-in-address` (403)
 */
export function refuseInAddress(
  { secret }: Pick<PlaybackAccess, 'secret'>,
  token: string | null,
  nowMs: number,
): void {
  if (token === null) return;
  try {
    requireAddressRole(verifyToken(secret, token, nowMs));
  } catch (error) {
    if (!(error instanceof TokenError) || error.code === 'token-in-address') throw error;
  }
}

/**
 * Lets an editor of a channel have what was cut off its recordings.
 *
 * @returns the exchange, whose answer no cache stores for others
 * @throws {AppError} `cut-part` (403) for everybody else
 */
export function requireEditor(
  playback: Pick<PlaybackAccess, 'secret'>,
  channel: string,
  token: string | null,
  exchange: { readonly req: IncomingMessage; readonly res: ServerResponse },
  nowMs: number,
): Exchange {
  answerIsPrivate(exchange.res);
  const editor = editorExchange(playback, channel, token, exchange, nowMs);
  if (editor === null) throw cutPart(channel);
  return editor;
}

/**
 * Finds out whether an editor of a channel asks.
 *
 * @returns the exchange, whose answer no cache stores for others; null for everybody else
 */
export function editorExchange(
  { secret }: Pick<PlaybackAccess, 'secret'>,
  channel: string,
  token: string | null,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  nowMs: number,
): Exchange | null {
  let claims: TokenClaims | null = null;
  try {
    claims = readerClaims({ secret }, channel, token, req, nowMs);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
  }
  if (claims === null || !mayEdit(claims)) return null;
  answerIsPrivate(res);
  return { req, res, privateForS: secondsUntil(claims.exp, nowMs) };
}

/**
 * The claims of whoever plays or reads: from an address, the Authorization header or the cookie, in this order.
 *
 * @param token out of the address; null where there is none
 * @throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden`, `token-in-address` (403)
 */
export function readerClaims(
  { secret }: Pick<PlaybackAccess, 'secret'>,
  channel: string,
  token: string | null,
  req: IncomingMessage,
  nowMs: number,
): TokenClaims {
  const claims =
    token === null
      ? verifyToken(secret, carriedToken(req, channel), nowMs)
      : requireAddressRole(verifyToken(secret, token, nowMs));
  if (isForChannel(claims, channel)) return claims;
  throw new TokenError(`a token for channel ${JSON.stringify(claims.channel)} does not open ${channel}`, {
    code: 'forbidden',
    status: 403,
  });
}

function carriedToken(req: IncomingMessage, channel: string): string {
  const authorization = requestHeader(req, 'authorization');
  if (authorization !== undefined) return bearerToken(authorization);
  const found = cookieToken(requestHeader(req, 'cookie'));
  if (found !== null) return found;
  throw new TokenError(
    `channel ${channel}: want a token in the path (/t/{token}/…), the Authorization header or the cookie ${ACCESS_COOKIE}`,
    { code: 'no-token', status: 401 },
  );
}

function cookieToken(cookie: string | undefined): string | null {
  for (const pair of cookie?.split(';') ?? []) {
    const [name, value] = pair.split('=', 2);
    if (name?.trim() === ACCESS_COOKIE && value !== undefined) return value.trim();
  }
  return null;
}

function secondsUntil(exp: number, nowMs: number): number {
  return Math.max(0, Math.floor(exp - nowMs / 1000));
}
