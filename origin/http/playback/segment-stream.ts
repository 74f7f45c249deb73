import type { Exchange } from '../reply/exchange.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { IMMUTABLE } from '../reply/media-reply.ts';

/** A client with more unsent bytes than this cannot keep up: its connection is broken off. */
const MAX_UNSENT_BYTES = 8 * 2 ** 20;

/**
 * Sends a segment that still grows, in chunked transfer: the parts that are there, and each further one as it is added
 * (ISO/IEC 23009-1, low latency). A Range of it cannot be known yet, and is ignored.
 *
 * @param type media type
 */
export function streamSegment(
  channel: LiveChannel,
  renditionId: string,
  number: number,
  type: string,
  { req, res }: Exchange,
): void {
  res.writeHead(200, ['Content-Type', type, 'Cache-Control', IMMUTABLE, 'Access-Control-Allow-Origin', '*']);
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  // A body that ends early must not look whole, nor to HTTP/1.0, where the end of the connection is the body's own.
  const breakOff = (): void => {
    res.socket?.resetAndDestroy();
    res.destroy();
  };
  const unfollow = channel.followSegment(renditionId, number, {
    onPart: ({ bytes }) => {
      if (res.writableLength > MAX_UNSENT_BYTES) breakOff();
      else res.write(bytes);
    },
    onEnd: (outcome) => {
      if (outcome === 'closed') res.end();
      else breakOff();
    },
  });
  res.once('close', unfollow);
}
