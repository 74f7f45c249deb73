import { connect, type Socket } from 'node:net';

/** A response that is whole. */
export type RawResponse = { readonly status: number; readonly body: Buffer };

/** Finds the end of a response in what a connection gives. Pure but for its own state. */
export class ResponseReader {
  #head = '';
  #status = 0;
  /** Bytes of the body that are still to come; null where they come in chunks, and -1 before the head is whole. */
  #missing: number | null = -1;
  #body: Buffer[] = [];

  /**
   * Takes the next bytes; one response is under way at a time.
   *
   * @param bytes borrowed until the response is whole
   * @returns the response once it is whole; null before that
   * @throws {Error} for a response without a length (RFC 9112 §6.3) and for broken chunks
   */
  push(bytes: Buffer): RawResponse | null {
    let rest = bytes;
    if (this.#missing === -1) {
      const text = this.#head + bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#head = text;
        return null;
      }
      this.#status = Number(text.slice(9, 12));
      rest = bytes.subarray(end + 4 - this.#head.length);
      this.#missing = lengthOf(text.slice(0, end + 2));
    }
    this.#body.push(rest);
    if (this.#missing === null) {
      const body = readChunks(this.#whole());
      return body === null ? null : this.#finish(body);
    }
    this.#missing -= rest.length;
    return this.#missing > 0 ? null : this.#finish(this.#whole());
  }

  #whole(): Buffer {
    const [first, ...more] = this.#body;
    return first !== undefined && more.length === 0 ? first : Buffer.concat(this.#body);
  }

  #finish(body: Buffer): RawResponse {
    this.#head = '';
    this.#missing = -1;
    this.#body = [];
    return { status: this.#status, body };
  }
}

function lengthOf(head: string): number | null {
  if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return null;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`a response without a length: ${head.slice(0, 200)}`);
  return Number(length);
}

/** Joins chunks (RFC 9112 §7.1); null while the last one is missing. */
function readChunks(bytes: Buffer): Buffer | null {
  if (!bytes.subarray(-5).equals(LAST_CHUNK)) return null;
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return null;
  }
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The bytes of a GET request on a connection that is kept. */
export function requestBytes(url: URL, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${lines.join('')}\r\n`;
}

/** A kept connection for one request at a time. */
export class RawClient {
  readonly socket: Socket;
  readonly #reader = new ResponseReader();
  #onResponse: ((status: number, body: Buffer) => void) | null = null;

  /** @param onLost called when the connection is gone, or what it gave could not be read */
  constructor(url: URL, onLost: (error: Error) => void) {
    this.socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.socket.on('data', (bytes: Buffer) => {
      try {
        const response = this.#reader.push(bytes);
        const told = this.#onResponse;
        if (response !== null && told !== null) told(response.status, response.body);
      } catch (error) {
        onLost(error instanceof Error ? error : new Error(String(error)));
        this.socket.destroy();
      }
    });
    this.socket.on('error', onLost);
  }

  /** Sends a request and calls back when its response is whole. The body is borrowed until the next one. */
  ask(request: string, onResponse: (status: number, body: Buffer) => void): void {
    this.#onResponse = onResponse;
    this.socket.write(request, 'latin1');
  }
}
