import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type HttpServer, startHttpServer } from '../../shared/http-server.ts';
import { silentLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const HOST = '127.0.0.1';

async function dial(port: number): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(port, HOST);
  let read = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    read += more;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, said: () => read };
}

describe('an answer', () => {
  let server: HttpServer;
  afterEach(() => server.close(0));

  for (const [name, head] of [
    ['of no bytes', 'Content-Length: 0\r\n\r\n'],
    ['of no chunks', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['that nobody reads', 'Content-Length: 3\r\n\r\nabc'],
  ] as const) {
    it(`may last longer than the body of a request, after one ${name}`, async () => {
      server = await startHttpServer({
        ...{ host: HOST, port: 0, logger: silentLogger, limits: { bodyTimeoutMs: 30 } },
      });
      let answer = (): void => {};
      server.routes.get('/long', (_req, res) => {
        answer = () => void res.end(' and the rest');
        res.write('a part');
      });
      server.routes.post('/never', () => {});
      const long = await dial(server.port);
      long.socket.write(`GET /long HTTP/1.1\r\nHost: x\r\n${head}`);
      await waitFor('a part is here', () => long.said().includes('a part'));
      // This one comes later, and is over its time before.
      const late = await dial(server.port);
      late.socket.write('POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
      await once(late.socket, 'close');
      answer();
      await waitFor('the rest is here', () => long.said().includes('and the rest'));
    });
  }
});
