import type { Exchange } from '../reply/exchange.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { cacheControl } from '../reply/cache-control.ts';
import { sendMedia } from '../reply/media-reply.ts';

/** A client with more unsent bytes than this cannot keep up: its connection is broken off. */
const MAX_UNSENT_BYTES = 8 * 2 ** 20;

/**
 * Sends a segment that still grows, in chunked transfer: the parts that are there, and each further one as it is added
 * (ISO/IEC 23009-1, low latency). A Range of it cannot be known yet, and is ignored.
 *
 * HTTP/1.0 has no chunks: a body ends with its connection there, and a cache would store half a segment as the whole if this
 * process died. Such a client gets the segment once it is whole, with its length.
 *
 * @param type media type
 */
export function streamSegment(
  channel: LiveChannel,
  renditionId: string,
  number: number,
  type: string,
  exchange: Exchange,
): void {
  const { req, res, privateForS } = exchange;
  const hasChunks = req.httpVersionMajor > 1 || req.httpVersionMinor > 0;
  if (hasChunks) {
    res.writeHead(200, [
      ...['Content-Type', type, 'Cache-Control', cacheControl(privateForS, null)],
      ...['Access-Control-Allow-Origin', '*', 'X-Content-Type-Options', 'nosniff'],
    ]);
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
  }
  // A body that ends early must not look whole.
  const breakOff = (): void => {
    res.socket?.resetAndDestroy();
    res.destroy();
  };
  const parts: Buffer[] = [];
  const unfollow = channel.followSegment(renditionId, number, {
    onPart: ({ bytes }) => {
      if (!hasChunks) parts.push(bytes);
      else if (res.writableLength > MAX_UNSENT_BYTES) breakOff();
      else res.write(bytes);
    },
    onEnd: (outcome) => {
      if (outcome !== 'closed') breakOff();
      else if (hasChunks) res.end();
      else sendMedia(exchange, type, parts);
    },
  });
  res.once('close', unfollow);
}
