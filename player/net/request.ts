import { withBase } from './base-path.ts';

/** A request to the server of this page. */
export type ServerRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly json?: object;
  /** Sent as it is, instead of `json`. */
  readonly body?: { readonly type: string; readonly text: string };
  /** Sent as it is, instead of `json`: a file. */
  readonly file?: { readonly type: string; readonly bytes: Blob };
  /** Sent even when the page is closed meanwhile. */
  readonly keepalive?: boolean;
  /** No cache may answer. */
  readonly fresh?: boolean;
  /** Within this the whole response has to be here, in milliseconds; 10 s by default. */
  readonly timeLimitMs?: number;
  /** Ends the request, instead of a time limit. */
  readonly signal?: AbortSignal;
};

const TIME_LIMIT_MS = 10_000;

/**
 * Sends a request to the server of this page, with the viewer's token.
 *
 * @param path without host
 * @param token null without one
 * @throws {TypeError} the server cannot be reached
 * @throws {DOMException} it does not answer in time
 */
export function request(path: string, token: string | null, options: ServerRequest = {}): Promise<Response> {
  const { method, json, body, file, keepalive, fresh, timeLimitMs, signal } = options;
  const content = json === undefined ? (file?.bytes ?? body?.text) : JSON.stringify(json);
  const type = json === undefined ? (file?.type ?? body?.type) : 'application/json';
  return fetch(withBase(path), {
    method: method ?? 'GET',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(content === undefined ? {} : { body: content }),
    ...(keepalive === true ? { keepalive } : {}),
    ...(fresh === true ? { cache: 'no-store' as const } : {}),
    signal: signal ?? timeLimit(timeLimitMs ?? TIME_LIMIT_MS),
  });
}

/** AbortSignal.timeout, which Safari has from 16 on. */
function timeLimit(milliseconds: number): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new DOMException('no answer in time', 'TimeoutError')), milliseconds);
  return abort.signal;
}
