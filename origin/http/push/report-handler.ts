import type { IncomingMessage, ServerResponse } from 'node:http';
import { FEED_REPORT_BYTES, type FeedReport, readFeedReport } from '../../../shared/feed-report.ts';
import { PushError } from './push-error.ts';

/** A body that goes on beyond this is not read to its end, in bytes. */
const MAX_READ_BYTES = 1 << 20;
/** A report comes once a second: one that takes longer than this to arrive is given up, in milliseconds. */
const WITHIN_MS = 10_000;

/**
 * Takes the body of `PUT /ingest/{channel}/{feed}`: the report of a transcode worker about its feed. Answers 204.
 *
 * @param store stores it; false when there is no such feed
 * @param refuse answers with an error: `bad-report` (400), or `unknown-feed` (404) where none of its media has come
 */
export function takeReport(
  req: IncomingMessage,
  res: ServerResponse,
  store: (report: FeedReport) => boolean,
  refuse: (error: unknown) => void,
): void {
  const late = setTimeout(() => req.destroy(), WITHIN_MS).unref();
  req.once('close', () => clearTimeout(late));
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  const onData = (bytes: Buffer): void => {
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_READ_BYTES) req.destroy();
    // What is beyond the limit is not stored; one byte more is enough to refuse it.
    if (sizeBytes - bytes.length <= FEED_REPORT_BYTES) parts.push(bytes.subarray(0, FEED_REPORT_BYTES + 1));
  };
  req.on('data', onData);
  req.on('error', () => {
    // Nobody is there to be answered.
  });
  req.on('end', () => {
    try {
      if (!store(readFeedReport(Buffer.concat(parts)))) {
        throw new PushError('none of the media of this feed has come', { code: 'unknown-feed', status: 404 });
      }
      res.writeHead(204).end();
    } catch (error) {
      refuse(error);
    }
  });
}
