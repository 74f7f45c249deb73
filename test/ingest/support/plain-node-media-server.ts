/**
 * node-media-server as it comes, with its own key check on: what a refused publisher can do to it.
 *
 * A program of its own, because the library keeps its state in one global table and ends the process when it fails.
 * It prints `port N` when it listens, and ends when its standard input does. Prints go to standard output.
 */
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';

type PlainServer = {
  readonly rtmpServer: { handleRequest(socket: unknown): void };
};
type PlainServerClass = new (config: object) => PlainServer;

const require = createRequire(import.meta.url);
const NodeMediaServer = require('node-media-server') as PlainServerClass;
const server = new NodeMediaServer({ auth: { publish: true, play: false, secret: 'a-secret' } });
// Its own listener cannot take a free port: 0 means "no listener" to it.
const listener = createServer((socket) => server.rtmpServer.handleRequest(socket));
listener.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(listener.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
