import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A server that says what a real one says only by chance. */
export type FakeRedis = {
  readonly url: string;
  /** What `CONFIG` is answered with from now on, as bytes of the protocol. */
  answerConfig(reply: string): void;
  stop(): Promise<void>;
};

const INFO = 'role:master\r\nloading:0\r\n';

/** Starts a server that answers INFO, and what it is told to CONFIG; all else is OK. */
export async function startFakeRedis(): Promise<FakeRedis> {
  let config = '+OK\r\n';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      // Commands are short, and come whole.
      for (const command of text.split(/^\*\d+\r\n/m).slice(1)) {
        const name = command.split('\r\n')[1]?.toLowerCase();
        if (name === 'info') socket.write(`$${INFO.length}\r\n${INFO}\r\n`);
        else socket.write(name === 'config' ? config : '+OK\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    answerConfig: (reply) => {
      config = reply;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
