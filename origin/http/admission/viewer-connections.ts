import type { Socket } from 'node:net';

/**
 * The connections of viewers who are in. A player keeps its connections, so this tells a viewer who is in from a new one
 * without a cookie or an id in a URL.
 */
export class ViewerConnections {
  readonly #known = new WeakSet<Socket>();
  #count = 0;

  /** How many are open. */
  get count(): number {
    return this.#count;
  }

  has(socket: Socket): boolean {
    return this.#known.has(socket);
  }

  add(socket: Socket): void {
    if (this.#known.has(socket)) return;
    this.#known.add(socket);
    this.#count += 1;
    socket.once('close', () => {
      this.#count -= 1;
    });
  }
}
