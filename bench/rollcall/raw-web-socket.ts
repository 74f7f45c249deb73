import { connect, type Socket } from 'node:net';

/** What a raw WebSocket tells. */
export type RawWebSocketOwner = {
  /** The upgrade was answered with 101. */
  onOpen(): void;
  /** A whole text frame; the bytes are borrowed until this returns. */
  onText(payload: Buffer): void;
  /** The upgrade was answered with something else. @param retryAfterS null where no Retry-After was given */
  onRefused(status: number, retryAfterS: number | null): void;
  /** It is gone, and nobody here let it go. @param code of the close frame; null where there was none */
  onGone(code: number | null): void;
};

/** Where a raw WebSocket connects to. */
export type RawWebSocketTarget = {
  readonly host: string;
  readonly port: number;
  /** A path with its query. */
  readonly path: string;
  /** The address that it comes from; null for any. One address has some 28,000 ports. */
  readonly localAddress: string | null;
};

/**
 * Masks are for proxies (RFC 6455 §10.3), and there is none here: one for all, so that frames can be made beforehand. It is
 * not 0, or the server would be spared the work of taking it off.
 */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
/** All sockets of a process read into it, one after the other: what is left of a frame is copied. */
const SHARED = Buffer.allocUnsafeSlow(262_144);
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Makes a client's frame: whole, and masked.
 *
 * @param opcode 1 for text, 2 for bytes, 8 for close
 * @see RFC 6455 §5.2
 */
export function clientFrame(payload: string | Buffer, opcode = 1): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const { length } = bytes;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = 0x80 | opcode; // FIN, opcode
  if (head === 2)
    frame[1] = 0x80 | length; // MASK, payload length
  else if (head === 4) {
    frame[1] = 0xfe;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0xff;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  MASK.copy(frame, head);
  for (let i = 0; i < length; i++) frame[head + 4 + i] = (bytes[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return frame;
}

/**
 * Writes a text into a frame that {@link clientFrame} made, in place of one of the same length.
 *
 * @param at bytes from the beginning of the payload
 * @param text ASCII
 */
export function patchFrame(frame: Buffer, at: number, text: string): void {
  const short = (frame[1] ?? 0) & 0x7f;
  const payload = (short < 126 ? 2 : short === 126 ? 4 : 10) + 4;
  for (let i = 0; i < text.length; i++) {
    frame[payload + at + i] = text.charCodeAt(i) ^ (MASK[(at + i) & 3] ?? 0);
  }
}

/** Finds a server's frames in what a connection gives. Pure but for its own state. */
export class ServerFrameReader {
  #rest: Buffer | null = null;

  /**
   * Takes the next bytes.
   *
   * @param bytes borrowed until this returns
   * @param onFrame gets each whole frame; its payload is borrowed likewise
   * @throws {Error} for a fragment, which no server here sends
   */
  push(bytes: Buffer, onFrame: (opcode: number, payload: Buffer) => void): void {
    const all = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = null;
    let at = 0;
    while (at + 2 <= all.length) {
      const first = all[at] ?? 0;
      const short = (all[at + 1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > all.length) break;
      const length =
        short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : Number(all.readBigUInt64BE(at + 2));
      if (at + head + length > all.length) break;
      if (first < 0x80) throw new Error('a WebSocket frame in fragments');
      onFrame(first & 0x0f, all.subarray(at + head, at + head + length));
      at += head + length;
    }
    if (at < all.length) this.#rest = Buffer.from(all.subarray(at));
  }
}

/** A client's WebSocket with as little to it as can be: no checks, no copies, frames made by whoever sends them. */
export class RawWebSocket {
  readonly #socket: Socket;
  readonly #owner: RawWebSocketOwner;
  readonly #reader = new ServerFrameReader();
  #head: Buffer | null = Buffer.alloc(0);
  #isOver = false;
  #closeCode: number | null = null;

  constructor({ host, port, path, localAddress }: RawWebSocketTarget, owner: RawWebSocketOwner) {
    this.#owner = owner;
    const socket = connect({
      ...{ host, port, noDelay: true },
      ...(localAddress === null ? {} : { localAddress }),
      onread: {
        buffer: SHARED,
        callback: (count: number): boolean => {
          this.#take(SHARED.subarray(0, count));
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      'latin1',
    );
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#end());
  }

  /** Sends a frame, as {@link clientFrame} made it. */
  send(frame: Buffer): void {
    if (!this.#isOver) this.#socket.write(frame);
  }

  /** Lets it go, without a word; nothing is told any more. */
  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#head === null) {
      this.#read(bytes);
      return;
    }
    const head = Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) {
      this.#head = head;
      return;
    }
    this.#head = null;
    const text = head.toString('latin1', 0, end);
    const status = Number(text.slice(9, 12));
    if (status !== 101) {
      this.destroy();
      const given = /\r\nretry-after: *(\d+)/i.exec(text)?.[1];
      this.#owner.onRefused(status, given === undefined ? null : Number(given));
      return;
    }
    this.#owner.onOpen();
    if (end + 4 < head.length) this.#read(head.subarray(end + 4));
  }

  #read(bytes: Buffer): void {
    this.#reader.push(bytes, (opcode, payload) => {
      if (this.#isOver) return;
      if (opcode === 1) this.#owner.onText(payload);
      else if (opcode === 8) this.#closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.onGone(this.#closeCode);
  }
}
