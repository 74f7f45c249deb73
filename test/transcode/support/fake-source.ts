import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { authorize } from '../../../shared/token.ts';
import { readAudioPacket } from '../../../media/flv/audio-packet.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';
import { writeFlvHeader, writeFlvTag } from '../../../media/flv/flv-writer.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';

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
    response.write(writeFlvHeader({ hasVideo: true, hasAudio: true }));
    void serve(response, ++connections);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feeds/hall-7/b1.flv`,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A tag as bytes, with its time moved by so many milliseconds. */
export function tagBytes(tag: FlvTag, shiftMs = 0): Buffer {
  return writeFlvTag(tag.kind, tag.timestampMs + shiftMs, tag.data);
}

/** The tags that only set a decoder up. */
export function isConfig(tag: FlvTag): boolean {
  const packet = tag.kind === 'video' ? readVideoPacket(tag.data) : readAudioPacket(tag.data);
  return packet?.kind === 'config';
}

/** All tags as one stream, from the first keyframe at or after a time on, as one sees it who joins then. */
export function joinedAt(tags: readonly FlvTag[], fromMs: number): Buffer[] {
  const configs = tags.filter(isConfig);
  const start = tags.find(
    (tag) => tag.kind === 'video' && tag.timestampMs >= fromMs && readVideoPacket(tag.data)?.isSync === true,
  );
  const from = start?.timestampMs ?? fromMs;
  const media = tags.filter((tag) => !isConfig(tag) && tag.timestampMs >= from);
  return [...configs, ...media].map((tag) => tagBytes(tag));
}
