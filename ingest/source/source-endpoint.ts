import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { sendError } from '../../shared/http-errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { authorize } from '../../shared/token.ts';
import type { FeedReader } from './source-stream.ts';
import type { FeedShelf } from './source-streams.ts';
import { IngestError } from '../ingest-error.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';

/** What the endpoint works with. */
export type FeedEndpointDeps = {
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: IngestMetrics;
  readonly shelf: FeedShelf;
};

const PATH = /^\/feeds\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\.flv$/;

/**
 * Makes the handler of `GET /feeds/{channel}/{broadcast}.flv`: FLV without an end, for a token of role `worker`.
 *
 * The body ends properly when the publisher stopped; it breaks off when her line dropped or the reader cannot follow.
 *
 * @returns a handler that says whether the request was its own. It answers `no-token`, `bad-token`, `forbidden`,
 *   `method-not-allowed` (405), `unknown-feed` (404) and `feed-over` (410)
 */
export function createFeedEndpoint(
  deps: FeedEndpointDeps,
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

function serve(deps: FeedEndpointDeps, path: string, req: IncomingMessage, res: ServerResponse): void {
  const [, channel = '', broadcast = ''] = PATH.exec(path) ?? [];
  authorize(deps.secret, req.headers.authorization, channel, ['worker'], deps.clock.nowMs());
  if (req.method !== 'GET') {
    throw new IngestError(`${req.method ?? '?'}: want GET`, { code: 'method-not-allowed', status: 405 });
  }
  const found = deps.shelf.find(channel, broadcast);
  if (found === 'over') {
    throw new IngestError(`broadcast ${broadcast} is over`, { code: 'feed-over', status: 410 });
  }
  if (found === 'unknown') {
    throw new IngestError(`no feed ${channel}/${broadcast}`, { code: 'unknown-feed', status: 404 });
  }
  const fields = { channel, broadcast, remote: req.socket.remoteAddress ?? '?' };
  req.socket.setNoDelay(true);
  res.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' });
  // One write for the head and what is kept; from then on one a tag.
  res.cork();
  const detach = found.attach(
    readerOf(res, () => {
      deps.metrics.droppedReaders.inc();
      deps.logger.warn(fields, `feed reader cut: ${res.writableLength} bytes behind`);
    }),
  );
  res.uncork();
  res.on('close', detach);
  deps.logger.info(fields, 'feed reader attached');
}

function readerOf(res: ServerResponse, onCut: () => void): FeedReader {
  return {
    write: (bytes) => void res.write(bytes),
    unsentBytes: () => res.writableLength,
    end: () => void res.end(),
    interrupt: () => {
      res.uncork();
      // Closed without the last chunk (RFC 9112 §8), after what was written: the reader can tell it from an end.
      if (res.socket === null) res.destroy();
      else res.socket.destroySoon();
    },
    cut: () => {
      onCut();
      res.destroy();
    },
  };
}
