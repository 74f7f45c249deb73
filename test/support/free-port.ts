import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Finds a TCP port on loopback that nothing listens on, for programs that cannot be told "any". What listens in this
 * process takes port 0 instead.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server without an address');
  return address.port;
}
