import http from 'node:http';
import https from 'node:https';
import { StallError } from './stall.ts';

/** Concurrent requests; more wait for a free connection. */
const MAX_SOCKETS = 64;
/** An idle connection is closed after this, before the server closes it while a request is being sent. Milliseconds. */
const IDLE_MS = 4000;
/** How much of an error response is read, in characters. */
const MAX_COMPLAINT = 10_000;

/** Statuses whose body the S3 library discards, together with the connection and the server's error. */
const UNREAD = new Set([408, 429, 499, 500, 502, 503, 504, 507, 520]);

/** The server answered with a status of {@link UNREAD}, or with a page where an object or a list should be. */
export class ServerError extends Error {
  /** The server's code, such as `XMinioStorageFull`; `HTTP 503` when it gives none. */
  readonly code: string;

  constructor(status: number, complaint: string) {
    super(/<Message>([^<]*)<\/Message>/.exec(complaint)?.[1] ?? 'the server is not available now');
    this.code = /<Code>([^<]*)<\/Code>/.exec(complaint)?.[1] ?? `HTTP ${status}`;
  }
}

/** How requests reach an S3 server: replaces `node:http` in the S3 library. */
export type S3Transport = {
  readonly agent: http.Agent;
  /** Takes options and a listener, which is how the library calls it; other forms of `http.request` are only in the type. */
  readonly request: (first: unknown, second?: unknown) => http.ClientRequest;
};

/**
 * Creates a transport that reuses connections and limits how long a request may stall.
 *
 * @param isSecure https
 * @param stallMs a request fails when its connection is idle for this time, milliseconds
 */
export function s3Transport(isSecure: boolean, stallMs: number): S3Transport {
  const settings = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS };
  const make = isSecure ? https.request : http.request;
  return {
    agent: isSecure ? new https.Agent(settings) : new http.Agent(settings),
    request: (options, answer) => {
      if (typeof options !== 'object' || typeof answer !== 'function') {
        throw new TypeError('want options and a listener');
      }
      const request = make({ ...options, timeout: stallMs }, (res) => {
        const { statusCode: status = 0 } = res;
        if (UNREAD.has(status) || isPage(res))
          readComplaint(res, (text) => request.emit('error', new ServerError(status, text)));
        else answer(res);
      });
      request.on('timeout', () => request.destroy(new StallError(`no progress for ${stallMs} ms`)));
      return request;
    },
  };
}

/** Whether a proxy, or a sign-in page, answers in place of the store, which has no HTML: its success would be believed. */
function isPage({ statusCode = 0, headers }: http.IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300 && (headers['content-type'] ?? '').startsWith('text/html');
}

function readComplaint(res: http.IncomingMessage, done: (complaint: string) => void): void {
  let complaint = '';
  res.setEncoding('utf8');
  res.on('data', (text: string) => {
    if (complaint.length < MAX_COMPLAINT) complaint += text;
  });
  // An incomplete body does not matter, since the status is known; 'close' follows in either case.
  res.on('error', () => {});
  res.on('close', () => done(complaint));
}
