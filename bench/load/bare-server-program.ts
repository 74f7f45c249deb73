import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTold, programOptions, tell } from '../start/program.ts';
import type { BareBody } from './bare-server.ts';

// The peer: node:http and nothing else. It sends given bytes under given headers; /hold waits until it is told.
const bodies = (programOptions() as readonly BareBody[]).map(({ path, base64, headers }) => {
  const bytes = Buffer.from(base64, 'base64');
  return { path, bytes, headers: { ...headers, 'Content-Length': bytes.length } };
});
const held: ServerResponse[] = [];

const send = (res: ServerResponse, body: (typeof bodies)[number]): void => {
  res.writeHead(200, body.headers);
  res.end(body.bytes);
};
const server = createServer((req, res) => {
  const body = bodies.find(({ path }) => path === req.url);
  if (body !== undefined) send(res, body);
  else if (req.url === '/hold') held.push(res);
  else res.writeHead(404).end();
});
onTold((message) => {
  const body = bodies[0];
  if (message.kind === 'held') tell({ kind: 'held', count: held.length });
  if (message.kind !== 'release' || body === undefined) return;
  tell({ kind: 'released', atMs: performance.timeOrigin + performance.now() });
  for (const res of held.splice(0)) send(res, body);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port });
});
