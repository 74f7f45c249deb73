import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import { programOptions, tell } from '../start/program.ts';

// Stands for ingest and origin: GET gives a recorded FLV in real time, whatever is POSTed is taken and dropped.
const { file } = programOptions() as { readonly file: string };
const bytes = readFileSync(file);
const tags = new FlvReader().push(bytes);
// A file that the product does not understand would measure nothing.
if (tags.length === 0) throw new Error(`${file}: no FLV tags`);

async function play(res: ServerResponse): Promise<void> {
  res.writeHead(200, { 'content-type': 'video/x-flv' });
  res.write(writeFlvHeader({ hasVideo: true, hasAudio: true }));
  const startMs = performance.now();
  for (const { kind, timestampMs, data } of tags) {
    const waitMs = timestampMs - (performance.now() - startMs);
    if (waitMs > 1) await after(waitMs);
    if (res.destroyed) return;
    res.write(writeFlvTag(kind, timestampMs, data));
  }
  res.end();
}

const server = createServer((req: IncomingMessage, res: ServerResponse) => {
  if (req.method === 'GET') {
    void play(res);
    return;
  }
  req.resume();
  req.on('end', () => res.writeHead(200).end());
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);
