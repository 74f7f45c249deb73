import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { authorize } from '../../../shared/token.ts';
import { FLV_VIDEO, type FlvTag } from '../../../transcode/flv/flv-parser.ts';

/** A feed of ingest, made by hand: FLV over HTTP that ends, breaks or goes on as the test says. */
export type FakeSource = {
  readonly url: string;
  /** Connections that were let in. */
  connections(): number;
  close(): Promise<void>;
};

/**
 * @param secret what the reader's token must be signed with
 * @param serve writes one response, whose header has been sent; called for each connection
 */
export async function fakeSource(
  secret: string,
  serve: (response: ServerResponse, connection: number) => void | Promise<void>,
): Promise<FakeSource> {
  let connections = 0;
  const server: Server = createServer((request, response) => {
    try {
      authorize(secret, request.headers.authorization, 'hall-7', ['worker'], Date.now());
    } catch {
      response.writeHead(401).end();
      return;
    }
    response.on('error', () => {});
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write(header());
    void serve(response, ++connections);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sources/hall-7/b1.flv`,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function header(): Buffer {
  return Buffer.from('464c5601050000000900000000', 'hex');
}

/** A tag as bytes, with its time moved by so many milliseconds. */
export function tagBytes(tag: FlvTag, shiftMs = 0): Buffer {
  const bytes = Buffer.alloc(11 + tag.data.length + 4);
  const time = (tag.timestampMs + shiftMs) >>> 0;
  bytes[0] = tag.type;
  bytes.writeUIntBE(tag.data.length, 1, 3);
  bytes.writeUIntBE(time & 0xffffff, 4, 3);
  bytes[7] = time >>> 24;
  tag.data.copy(bytes, 11);
  bytes.writeUInt32BE(11 + tag.data.length, 11 + tag.data.length);
  return bytes;
}

/** The tags that only set a decoder up. */
export function isConfig(tag: FlvTag): boolean {
  return tag.data[1] === 0 && (tag.type === FLV_VIDEO || (tag.data[0] ?? 0) >> 4 === 10);
}

/** All tags as one stream, from the first keyframe at or after a time on, as one sees it who joins then. */
export function joinedAt(tags: readonly FlvTag[], fromMs: number): Buffer[] {
  const configs = tags.filter(isConfig);
  const start = tags.find(
    (tag) =>
      tag.type === FLV_VIDEO && tag.timestampMs >= fromMs && (tag.data[0] ?? 0) >> 4 === 1 && !isConfig(tag),
  );
  const from = start?.timestampMs ?? fromMs;
  const media = tags.filter((tag) => !isConfig(tag) && tag.timestampMs >= from);
  return [...configs, ...media].map((tag) => tagBytes(tag));
}
