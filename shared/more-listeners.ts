import { spawn } from 'node:child_process';
import { Server, Socket } from 'node:net';

/**
 * Sends a listening socket back as often as it is told, and with it whatever connected to this process meanwhile. Messages with a
 * handle go out one after the other, so that nothing is on its way any more when the last one arrives.
 */
const COPIER = `process.on('message', (copies, listener) => {
  listener.on('connection', (socket) => process.send('connection', socket));
  const sent = (left) => {
    if (left > 0) return process.send('listener', listener, () => sent(left - 1));
    listener.close();
    setImmediate(() => process.send('done'));
  };
  sent(copies);
});
process.on('disconnect', () => process.exit());`;

/** A copier that is not done after this time is given up, milliseconds. */
const COPY_WITHIN_MS = 5000;

/**
 * Lets a server take more than one new connection in a turn of the event loop.
 *
 * Since 1.45 libuv accepts one connection for each listening descriptor and turn. An origin whose turns take 100 ms would take ten
 * new viewers a second, and the others would wait without an answer, not even that it is full. So the listening socket gets further
 * descriptors: it goes to a child process and comes back, as often as is wanted (SCM_RIGHTS, unix(7)); the child then ends.
 *
 * @param server listens already
 * @param count how many descriptors are added
 * @param onConnection called with each connection that comes by one of them; the server's own listeners are not
 * @returns the added ones, which are to be closed with the server
 * @throws {Error} when the child cannot be started, or does not answer within 5 s
 */
export async function addListeners(
  server: Server,
  count: number,
  onConnection: (socket: Socket) => void,
): Promise<readonly Server[]> {
  const child = spawn(process.execPath, ['-e', COPIER], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const added: Server[] = [];
  let late: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(
        () => reject(new Error(`${added.length} of ${count} copies within ${COPY_WITHIN_MS} ms`)),
        COPY_WITHIN_MS,
      );
      child.once('error', reject);
      child.once('exit', (status, signal) => reject(new Error(`the copier ended with ${signal ?? status}`)));
      child.on('message', (kind, handle) => {
        if (kind === 'done') resolve();
        if (handle instanceof Socket) onConnection(handle);
        if (!(handle instanceof Server)) return;
        // As http.Server has them: a client that has sent its request may end its side, and answers are not held back.
        Object.assign(handle, { allowHalfOpen: true, noDelay: true });
        handle.on('connection', onConnection);
        added.push(handle);
      });
      child.send(count, server);
    });
    return added;
  } catch (error) {
    for (const listener of added) listener.close();
    throw error;
  } finally {
    clearTimeout(late);
    child.removeAllListeners('exit');
    if (child.connected) child.disconnect();
  }
}
