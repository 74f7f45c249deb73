import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A raw RTMP client that says whatever a test wants to be said, in the order it wants. */
export class RtmpClient {
  readonly socket: Socket;
  readonly #waiting = new Set<() => void>();
  #received: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    this.socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
    // A reset is one of the ways in which a server closes.
    this.socket.on('error', () => {});
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Everything the server said, as latin1 text. */
  get heard(): string {
    return this.#received.toString('latin1');
  }

  /** Resolves when the server said this, more than `before` times. */
  async hears(text: string, before = 0): Promise<void> {
    await this.#until(() => this.heard.split(text).length - 1 > before, `to hear ${text}`);
  }

  /** Resolves when the connection is gone. */
  async gone(): Promise<void> {
    await this.#until(() => this.#closed, 'to be closed', true);
  }

  send(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** The handshake's C0 C1 C2, without waiting for the answers. */
  async greet(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect');
    this.send(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528), Buffer.alloc(1536)]));
  }

  connectApp(app = 'live'): void {
    const object = [['app', app] as const, ['tcUrl', `rtmp://127.0.0.1/${app}`] as const];
    this.send(command('connect', 1, amfObject(object)));
  }

  publish(streamName: string): void {
    this.send(command('createStream', 2, Buffer.from([5])));
    const args = [Buffer.from([5]), amfString(streamName), amfString('live')];
    this.send(
      chunked({
        chunkStream: 8,
        type: 20,
        stream: 1,
        body: Buffer.concat([amfString('publish'), amfNumber(3), ...args]),
      }),
    );
  }

  /** All from the handshake to the publish command. */
  async publishAs(streamName: string, app = 'live'): Promise<void> {
    await this.greet();
    this.connectApp(app);
    this.publish(streamName);
  }

  /** One audio (8), video (9) or data (18) message. */
  media(type: number, timestampMs: number, body: Buffer): void {
    this.send(chunked({ chunkStream: type === 8 ? 4 : 6, type, stream: 1, timestampMs, body }));
  }

  /** FCUnpublish. */
  unpublish(): void {
    this.send(command('FCUnpublish', 4, Buffer.from([5])));
  }

  close(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #until(done: () => boolean, what: string, closedIsFine = false): Promise<void> {
    while (!done()) {
      if (this.#closed && !closedIsFine) throw new Error(`waited ${what}, but the connection was closed`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}

/** What to put into chunks of type 0 and 3. */
export type ChunkedMessage = {
  readonly chunkStream: number;
  readonly type: number;
  readonly stream: number;
  readonly timestampMs?: number;
  readonly body: Buffer;
  readonly chunkBytes?: number;
};

/** Writes one message in chunks of 128 bytes (RTMP 1.0 §5.3.1). */
export function chunked(message: ChunkedMessage): Buffer {
  const { chunkStream, type, stream, timestampMs = 0, body, chunkBytes = 128 } = message;
  const isExtended = timestampMs >= 0xffffff;
  const extended = Buffer.alloc(isExtended ? 4 : 0);
  if (isExtended) extended.writeUInt32BE(timestampMs);
  const head = Buffer.alloc(12);
  head[0] = chunkStream;
  head.writeUIntBE(isExtended ? 0xffffff : timestampMs, 1, 3);
  head.writeUIntBE(body.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(stream, 8);
  const parts: Buffer[] = [head, extended];
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStream]), extended);
    parts.push(body.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(parts);
}

/** Writes an AMF0 command message. */
export function command(name: string, transaction: number, ...args: readonly Buffer[]): Buffer {
  const body = Buffer.concat([amfString(name), amfNumber(transaction), ...args]);
  return chunked({ chunkStream: 3, type: 20, stream: 0, body });
}

/** An AMF0 string. */
export function amfString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([2, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** An AMF0 number. */
export function amfNumber(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** An AMF0 object of strings. */
export function amfObject(fields: readonly (readonly [string, string])[]): Buffer {
  const parts = fields.map(([name, value]) => Buffer.concat([amfString(name).subarray(1), amfString(value)]));
  return Buffer.concat([Buffer.from([3]), ...parts, Buffer.from([0, 0, 9])]);
}
