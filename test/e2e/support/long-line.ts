import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A way to a server on which everything takes its time. */
export type LongLine = {
  readonly port: number;
  /** Changes how long everything takes each way, in milliseconds, from the next bytes on. */
  setOneWay(milliseconds: number): void;
  stop(): Promise<void>;
};

/**
 * Opens a line to a server on this machine: bytes arrive so much later, in the order in which they were sent.
 *
 * @param port of the server
 * @param oneWayMs half of a round trip, in milliseconds
 */
export async function startLongLine(port: number, oneWayMs: number): Promise<LongLine> {
  let delayMs = oneWayMs;
  const open = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      let lastAtMs = 0;
      const later = (act: () => void): void => {
        lastAtMs = Math.max(lastAtMs, performance.now() + delayMs);
        setTimeout(() => !to.destroyed && act(), lastAtMs - performance.now());
      };
      from.on('data', (bytes) => later(() => to.write(bytes)));
      from.on('end', () => later(() => to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        later(() => to.destroy());
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    setOneWay: (milliseconds) => {
      delayMs = milliseconds;
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
