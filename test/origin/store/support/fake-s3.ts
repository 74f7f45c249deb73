import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server that knows enough of S3 to be opened, and answers everything else as a test wants. */
export type FakeS3 = {
  readonly endpoint: string;
  /** What it was asked, in order: `PUT /bucket/a`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
};

/** The answer to a list of a bucket in which there is nothing. */
export const EMPTY_LIST = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

/** Starts it on loopback. @param answer is called for all but the look at the bucket */
export async function startFakeS3(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<FakeS3> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    if (req.url?.endsWith('?list-type=2&max-keys=1') === true) {
      res.end(EMPTY_LIST);
      return;
    }
    asked.push(`${req.method} ${req.url}`);
    req.resume();
    answer(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without an address');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
