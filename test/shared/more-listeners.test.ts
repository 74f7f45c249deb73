import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { addListeners } from '../../shared/more-listeners.ts';
import { waitFor } from '../support/wait-for.ts';

const WAITING = 60;

describe('more listeners', () => {
  let server: Server;
  let added: readonly Server[] = [];
  const clients: Socket[] = [];
  const accepted: Socket[] = [];
  const accept = (socket: Socket): void => void accepted.push(socket);

  beforeEach(async () => {
    server = createServer(accept);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 512 });
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const socket of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy();
    const closing = [server, ...added].filter(({ listening }) => listening);
    await Promise.all(closing.map((each) => new Promise((closed) => each.close(closed))));
    added = [];
  });

  const address = (): { readonly port: number; readonly host: string } => {
    const at = server.address();
    assert.ok(typeof at === 'object' && at !== null);
    return { port: at.port, host: '127.0.0.1' };
  };

  /** Turns of the event loop until all who wait are accepted, with a busy program in between. */
  const turnsUntilAccepted = async (): Promise<number> => {
    for (let i = 0; i < WAITING; i++) clients.push(connect(address()));
    // The kernel completes the connections while this process does nothing else.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    let turns = 0;
    while (accepted.length < WAITING) {
      turns += 1;
      await new Promise((next) => setImmediate(next));
    }
    return turns;
  };

  it('take many new connections in one turn of the event loop, where one takes one', async () => {
    const alone = await turnsUntilAccepted();
    assert.ok(alone >= WAITING, `${alone} turns alone: this test no longer shows anything`);
    for (const socket of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy();
    added = await addListeners(server, 15, accept);
    const turns = await turnsUntilAccepted();
    assert.ok(turns <= WAITING / 4, `${turns} turns with 15 more`);
  });

  it('lose no connection that comes while they are made', async () => {
    const making = addListeners(server, 3, accept);
    for (let i = 0; i < 40; i++) {
      clients.push(connect(address()).on('error', () => {}));
      await new Promise((next) => setTimeout(next, 5));
    }
    added = await making;
    await waitFor('all are accepted', () => accepted.length === 40, 5000);
    for (const socket of accepted) socket.end('hello');
    const heard = await Promise.all(clients.map(async (client) => (await once(client, 'data'))[0] as Buffer));
    assert.deepEqual([...new Set(heard.map(String))], ['hello']);
  });

  it('serve who has ended its own side, and send without delay', async () => {
    added = await addListeners(server, 2, accept);
    await new Promise((closed) => server.close(closed));
    const client = connect({ port: portOf(added[0]), host: '127.0.0.1', allowHalfOpen: true });
    clients.push(client);
    client.end('all');
    await waitFor('it is accepted', () => accepted.length === 1, 5000);
    const [socket] = accepted;
    await once(socket?.resume() ?? client, 'end');
    socket?.end('answer');
    assert.equal(String((await once(client, 'data'))[0]), 'answer');
  });
});

function portOf(server: Server | undefined): number {
  const at = server?.address();
  return typeof at === 'object' && at !== null ? at.port : 0;
}
