import type { IncomingMessage } from 'node:http';

/**
 * Reads one header of a request from its raw headers. `req.headers` builds an object of all of them, which costs more than
 * everything else on the playback paths.
 *
 * @param name in lower case
 * @returns the first of that name; undefined where there is none
 */
export function requestHeader(req: IncomingMessage, name: string): string | undefined {
  const raw = req.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const candidate = raw[i];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return raw[i + 1];
  }
  return undefined;
}

/** Whether the client accepts gzip: named, and not with a weight of 0, "which means 'not acceptable'" (RFC 9110 §12.4.2). */
export function acceptsGzip(req: IncomingMessage): boolean {
  const accepts = requestHeader(req, 'accept-encoding');
  return accepts?.includes('gzip') === true && !/gzip\s*;\s*q=0(\.0*)?\s*(,|$)/i.test(accepts);
}
