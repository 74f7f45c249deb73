import http from 'node:http';
import https from 'node:https';
import { StallError } from './stall.ts';

/** Requests at once; more wait for a free connection. */
const MAX_SOCKETS = 64;
/** A connection that nothing uses for so long is closed by us, before the server does it under a request. Milliseconds. */
const IDLE_MS = 4000;
/** How much of a server's complaint is read, in characters. */
const MAX_COMPLAINT = 10_000;

/** Answers that the S3 library throws away unread, and with them their connection and what the server complains of. */
const UNREAD = new Set([408, 429, 499, 500, 502, 503, 504, 507, 520]);

/** A server could not do what it was asked, and said so: a status of {@link UNREAD}. */
export class ServerError extends Error {
  /** The server's own, such as `XMinioStorageFull`; `HTTP 503` where it gives none. */
  readonly code: string;

  constructor(status: number, complaint: string) {
    super(/<Message>([^<]*)<\/Message>/.exec(complaint)?.[1] ?? 'the server cannot do it now');
    this.code = /<Code>([^<]*)<\/Code>/.exec(complaint)?.[1] ?? `HTTP ${status}`;
  }
}

/** How requests reach an S3 server: what the S3 library is given in place of `node:http`. */
export type S3Transport = {
  readonly agent: http.Agent;
  /** Takes options and a listener, which is how the library asks; the other forms of `http.request` stand in the type alone. */
  readonly request: (first: unknown, second?: unknown) => http.ClientRequest;
};

/**
 * Makes a transport that keeps connections open and never waits for ever.
 *
 * @param isSecure https
 * @param stallMs a request on whose connection nothing happens for so long fails, milliseconds
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
        if (UNREAD.has(status))
          readComplaint(res, (text) => request.emit('error', new ServerError(status, text)));
        else answer(res);
      });
      request.on('timeout', () => request.destroy(new StallError(`nothing happened for ${stallMs} ms`)));
      return request;
    },
  };
}

function readComplaint(res: http.IncomingMessage, done: (complaint: string) => void): void {
  let complaint = '';
  res.setEncoding('utf8');
  res.on('data', (text: string) => {
    if (complaint.length < MAX_COMPLAINT) complaint += text;
  });
  // Broken off or not, the status is known; 'close' follows in either case.
  res.on('error', () => {});
  res.on('close', () => done(complaint));
}
