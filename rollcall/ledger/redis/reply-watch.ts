import { setImmediate } from 'node:timers/promises';

/** Commands that wait for a reply, and for how long the server has been silent. */
export class ReplyWatch {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #steadyMs: () => number;
  /** When the newest reply came, or a command was sent after a pause; monotonic milliseconds. */
  #heardMs = 0;

  /** @param steadyMs monotonic milliseconds */
  constructor(steadyMs: () => number) {
    this.#steadyMs = steadyMs;
  }

  /** For how long a command has waited without any reply, milliseconds; 0 when none waits. */
  get silentMs(): number {
    return this.#pending.size === 0 ? 0 : this.#steadyMs() - this.#heardMs;
  }

  /** The server is not silent any more, as far as {@link silentMs} counts: it replied, or the connection is replaced. */
  heard(): void {
    this.#heardMs = this.#steadyMs();
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @param isReply whether an error is a reply of the server
   * @throws what the command throws
   */
  async track<T>(send: () => Promise<T>, isReply: (error: unknown) => boolean): Promise<T> {
    if (this.#pending.size === 0) this.heard();
    const sent = send();
    this.#pending.add(sent);
    try {
      const reply = await sent;
      this.heard();
      return reply;
    } catch (error) {
      if (isReply(error)) this.heard();
      throw error;
    } finally {
      this.#pending.delete(sent);
    }
  }

  /** Waits until no command is pending. */
  async idle(): Promise<void> {
    do {
      await Promise.allSettled(this.#pending);
      // A command that follows a reply at once is sent by the next turn of the event loop.
      await setImmediate();
    } while (this.#pending.size > 0);
  }
}
