import type { Socket } from 'node:net';

/** What is watched of a connection. */
export type WatchedSocket = Pick<Socket, 'writableLength' | 'bytesWritten'> & {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
};

/** What is known of a write that waits: bytes of completed writes, and since when there have been no more; steady milliseconds. */
type Waiting = { readonly flushedBytes: number; readonly sinceMs: number };

/**
 * Ends connections whose client does not read: those that have had bytes waiting for too long without one write completing.
 * A timeout of the socket does not do that: it is taken back once for a write that waits, and each byte that moves takes it back
 * again.
 */
export class StalledWrites {
  readonly #limitMs: number;
  readonly #sockets = new Map<WatchedSocket, Waiting | null>();

  /** @param limitMs milliseconds */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Connections that are watched: those that are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Watches a connection until it is closed, also after it was upgraded. */
  watch(socket: WatchedSocket): void {
    this.#sockets.set(socket, null);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /**
   * Ends those that are stalled.
   *
   * @param steadyMs monotonic milliseconds
   */
  sweep(steadyMs: number): void {
    for (const [socket, waiting] of this.#sockets) {
      const unsentBytes = socket.writableLength;
      if (unsentBytes === 0) {
        if (waiting !== null) this.#sockets.set(socket, null);
        continue;
      }
      const flushedBytes = socket.bytesWritten - unsentBytes;
      if (waiting === null || waiting.flushedBytes !== flushedBytes) {
        this.#sockets.set(socket, { flushedBytes, sinceMs: steadyMs });
      } else if (steadyMs - waiting.sinceMs >= this.#limitMs) socket.destroy();
    }
  }
}
