import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { FlvParser } from '../../transcode/flv/flv-parser.ts';
import { programOptions, tell } from '../start/program.ts';

// Stands for ingest and origin: GET gives a recorded FLV in real time, whatever is POSTed is taken and dropped.
const { file } = programOptions() as { readonly file: string };
const bytes = readFileSync(file);
/** Where each tag ends, and its time: after the header of 9 bytes, each tag is followed by its size (FLV 10.1 annex E). */
const tags: { readonly start: number; readonly end: number; readonly timestampMs: number }[] = [];
const FILE_HEADER_BYTES = 13;
for (let at = FILE_HEADER_BYTES; at + 15 <= bytes.length; ) {
  const end = at + 11 + bytes.readUIntBE(at + 1, 3) + 4;
  tags.push({ start: at, end, timestampMs: bytes.readUIntBE(at + 4, 3) + ((bytes[at + 7] ?? 0) << 24) });
  at = end;
}
// Read once by the parser of the product as well: a file that it does not understand would measure nothing.
if (new FlvParser().push(bytes).length === 0) throw new Error(`${file}: no FLV tags`);

async function play(res: ServerResponse): Promise<void> {
  res.writeHead(200, { 'content-type': 'video/x-flv' });
  res.write(bytes.subarray(0, FILE_HEADER_BYTES));
  const startMs = performance.now();
  for (const { start, end, timestampMs } of tags) {
    const waitMs = timestampMs - (performance.now() - startMs);
    if (waitMs > 1) await after(waitMs);
    if (res.destroyed) return;
    res.write(bytes.subarray(start, end));
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
