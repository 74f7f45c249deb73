import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type FeedReport, readFeedReport } from '../../../shared/feed-report.ts';
import { authorize } from '../../../shared/token.ts';

/** What one connection brought. */
export type Received = {
  readonly path: string;
  /** Last part of the path. */
  readonly track: string;
  bytes: Buffer;
  /** Length of `bytes`, at no cost. */
  sizeBytes: number;
  /** How its body ended; null while it goes on. */
  end: 'clean' | 'broken' | null;
  /** All tracks, as the header says at the beginning. */
  readonly tracks: string | undefined;
  /** How the broadcast ended, as the trailer says at the end. */
  ending: string | undefined;
};

/** An origin that keeps what it is sent. */
export type FakeOrigin = {
  readonly url: string;
  readonly received: Received[];
  /** The reports about its feeds. */
  readonly reports: FeedReport[];
  /** Resolves when the condition holds; looked at whenever something arrives or ends. */
  until(condition: () => boolean): Promise<void>;
  /** Bytes of the last connection of a track. */
  bytesOf(track: string): Buffer;
  close(): Promise<void>;
};

/**
 * @param secret what the sender's token must be signed with
 * @param take decides about a connection before its body is read: true to read it
 * @param knows when it answers to the end of a body
 */
export async function fakeOrigin(
  secret: string,
  take: (request: IncomingMessage, response: ServerResponse, index: number) => boolean = () => true,
  port = 0,
  knows: Promise<void> = Promise.resolve(),
): Promise<FakeOrigin> {
  const received: Received[] = [];
  const reports: FeedReport[] = [];
  const changes = new EventEmitter().setMaxListeners(0);
  const server = createServer((request, response) => {
    try {
      authorize(secret, request.headers.authorization, 'hall-7', ['encoder'], Date.now());
    } catch {
      response.writeHead(401).end();
      return;
    }
    const path = request.url ?? '';
    if (request.method === 'PUT') {
      const store = (body: Buffer): void => {
        reports.push(readFeedReport(body));
        response.writeHead(204).end();
        changes.emit('change');
      };
      // A worker that stops breaks its requests.
      buffer(request).then(store, () => {});
      return;
    }
    const entry: Received = {
      path,
      track: path.split('/').at(-1) ?? '',
      bytes: Buffer.alloc(0),
      sizeBytes: 0,
      end: null,
      tracks: String(request.headers['lectern-tracks']),
      ending: undefined,
    };
    received.push(entry);
    request.on('error', () => {});
    if (!take(request, response, received.length - 1)) return;
    const parts: Buffer[] = [];
    Object.defineProperty(entry, 'bytes', { get: () => Buffer.concat(parts) });
    request.on('data', (bytes: Buffer) => {
      parts.push(bytes);
      entry.sizeBytes += bytes.length;
      changes.emit('change');
    });
    request.on('end', () => {
      entry.end = 'clean';
      entry.ending = request.trailers['lectern-ending'];
      void knows.then(() => response.writeHead(204).end());
      changes.emit('change');
    });
    request.on('close', () => {
      entry.end ??= 'broken';
      changes.emit('change');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ received, reports },
    until: async (condition) => {
      while (!condition()) await once(changes, 'change');
    },
    bytesOf: (track) => received.findLast((entry) => entry.track === track)?.bytes ?? Buffer.alloc(0),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
