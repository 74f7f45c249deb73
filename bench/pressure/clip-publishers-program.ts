import { setTimeout as after } from 'node:timers/promises';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { amfString, chunked, RtmpClient } from '../../test/ingest/support/rtmp-client.ts';
import { onTold, programOptions, tell } from '../start/program.ts';
import { readClip } from './clip-media.ts';
import { CLIP_MS } from './stamped-clip.ts';

/** Publishes one clip over and over, on any number of channels, each on a connection of its own. It encodes nothing. */
const { file } = programOptions() as { readonly file: string };
const { heads, media } = readClip(file);
const CHUNK_BYTES = 65_536;
const stopped = new Set<string>();

onTold((message) => {
  const { kind, port, name } = message as { kind: string; port: number; name: string };
  if (kind === 'publish') {
    stopped.delete(name);
    void publish(port, name).catch((error: unknown) => tell({ kind: 'lost', name, why: String(error) }));
  }
  if (kind === 'stop') stopped.add(name);
});

async function publish(port: number, name: string): Promise<void> {
  const client = new RtmpClient(port);
  await client.publishAs(name);
  await client.hears('NetStream.Publish.Start');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(CHUNK_BYTES);
  // Set Chunk Size (RTMP 1.0 §5.4.1): fewer headers, less work for both.
  client.send(chunked({ chunkStream: 2, type: 1, stream: 0, body: size }));
  for (const tag of heads) send(client, tag, 0);
  const startMs = Date.now();
  tell({ kind: 'started', name, startMs });
  for (let round = 0; ; round += 1) {
    for (const tag of media) {
      const atMs = tag.timestampMs + round * CLIP_MS;
      const waitMs = startMs + atMs - Date.now();
      if (waitMs > 0) await after(waitMs);
      if (client.closed) {
        tell({ kind: 'lost', name, why: 'the server closed the connection' });
        return;
      }
      if (stopped.has(name)) {
        client.unpublish();
        client.socket.end();
        tell({ kind: 'stopped', name });
        return;
      }
      send(client, tag, atMs);
    }
  }
}

function send(client: RtmpClient, { kind, data }: FlvTag, timestampMs: number): void {
  const [chunkStream, type] = { audio: [4, 8], video: [6, 9], script: [5, 18] }[kind] as [number, number];
  const body = kind === 'script' ? Buffer.concat([amfString('@setDataFrame'), data]) : data;
  client.send(chunked({ chunkStream, type, stream: 1, timestampMs, body, chunkBytes: CHUNK_BYTES }));
}

tell({ kind: 'ready' });
