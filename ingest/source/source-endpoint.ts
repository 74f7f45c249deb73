import type { IncomingMessage, ServerResponse } from 'node:http';
import { LINE_HEADER, writeLineTag } from '../../media/flv/line-tag.ts';
import type { Clock } from '../../shared/clock.ts';
import { sendError } from '../../shared/http-errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { authorize } from '../../shared/token.ts';
import type { SourceReader } from './source-stream.ts';
import type { SourceStreams } from './source-streams.ts';
import { IngestError } from '../ingest-error.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';

/** What the endpoint needs. */
export type SourceEndpointDeps = {
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: IngestMetrics;
  readonly sources: SourceStreams;
};

/** How often a reader that asks for it is told the time behind the media that has arrived. */
const LINE_EVERY_MS = 500;
const PATH = /^\/feeds\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\.flv$/;

/**
 * Makes the handler of `GET /feeds/{channel}/{broadcast}.flv`: FLV without an end, for a token of role `worker`.
 *
 * The body ends properly when the publisher stopped. It is cut off when the publisher's connection broke, or when the reader is
 * too slow. A reader that asks for it by the header `Lectern-Line` also gets line tags.
 *
 * @returns a handler that returns whether the request was for this endpoint. It answers `no-token`, `bad-token`, `forbidden`,
 *   `method-not-allowed` (405), `unknown-feed` (404) and `feed-over` (410)
 */
export function createSourceEndpoint(
  deps: SourceEndpointDeps,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  return (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/feeds/')) return false;
    try {
      serve(deps, path, req, res);
    } catch (error) {
      sendError(res, error);
    }
    return true;
  };
}

function serve(deps: SourceEndpointDeps, path: string, req: IncomingMessage, res: ServerResponse): void {
  const [, channel = '', broadcast = ''] = PATH.exec(path) ?? [];
  authorize(deps.secret, req.headers.authorization, channel, ['worker'], deps.clock.nowMs());
  if (req.method !== 'GET') {
    throw new IngestError(`${req.method ?? '?'}: want GET`, { code: 'method-not-allowed', status: 405 });
  }
  const found = deps.sources.find(channel, broadcast);
  if (found === 'over') {
    throw new IngestError(`broadcast ${broadcast} is over`, { code: 'feed-over', status: 410 });
  }
  if (found === 'unknown') {
    throw new IngestError(`no source ${channel}/${broadcast}`, { code: 'unknown-feed', status: 404 });
  }
  const fields = { channel, broadcast, remote: req.socket.remoteAddress ?? '?' };
  req.socket.setNoDelay(true);
  res.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' });
  // One write for the header and the cached tags; after that one write per tag.
  res.cork();
  const detach = found.attach(
    readerOf(res, () => {
      deps.metrics.droppedReaders.inc();
      deps.logger.warn(fields, `source reader disconnected: ${res.writableLength} bytes behind`);
    }),
  );
  res.uncork();
  const line =
    req.headers[LINE_HEADER] === undefined
      ? undefined
      : setInterval(() => {
          if (!res.writableEnded) res.write(writeLineTag(deps.clock.nowMs(), found.heardMs));
        }, LINE_EVERY_MS);
  res.on('close', () => {
    clearInterval(line);
    detach();
  });
  deps.logger.info(fields, 'source reader attached');
}

function readerOf(res: ServerResponse, onCut: () => void): SourceReader {
  return {
    write: (bytes) => void res.write(bytes),
    unsentBytes: () => res.writableLength,
    end: () => void res.end(),
    interrupt: () => {
      res.uncork();
      // Closed after the written bytes but without the last chunk (RFC 9112 §8): the reader can tell it from an end.
      if (res.socket === null) res.destroy();
      else res.socket.destroySoon();
    },
    cut: () => {
      onCut();
      res.destroy();
    },
  };
}
