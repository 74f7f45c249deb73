import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { type ClientMessage, readClientFrame } from '../protocol/client-frame-reader.ts';
import { CLOSE_CODES } from '../protocol/frames.ts';
import { FrameBudget } from './frame-budget.ts';
import { UNSENT_MAX_BYTES } from './peer.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';
import type { SerializedFrame } from './serialized-frame.ts';

/** What a connection needs, and whom it tells. */
export type WebSocketConnectionOptions = {
  readonly metrics: Pick<RollCallMetrics, 'dropped'>;
  /** Monotonic milliseconds. */
  readonly steadyMs: () => number;
  /** A frame whose form is valid. */
  onMessage(message: ClientMessage): void;
  /** The socket is closed. */
  onClosed(): void;
};

/** Longest reason in a close frame, bytes: 125 with its code (RFC 6455 §5.5). */
const REASON_MAX_BYTES = 120;
/** How long a client may take to answer a close frame before its socket is destroyed, milliseconds. */
const CLOSE_TIMEOUT_MS = 1000;

/** One WebSocket: checked frames in, serialized frames out, back-pressure, and how it is closed. */
export class WebSocketConnection {
  readonly openedMs: number;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #options: WebSocketConnectionOptions;
  readonly #budget = new FrameBudget();
  #heardMs: number;
  #countedMs: number;

  /** @param socket that of `ws` */
  constructor(ws: WebSocket, socket: Duplex, options: WebSocketConnectionOptions) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    this.openedMs = options.steadyMs();
    this.#heardMs = this.openedMs;
    this.#countedMs = this.openedMs;
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // They are answered or discarded by ws itself, which costs as much as a frame. Silence they do not break.
    for (const control of ['ping', 'pong'] as const) ws.on(control, () => void this.#mayGoOn());
    ws.on('close', () => options.onClosed());
    ws.on('error', (error: Error & { readonly code?: string }) => {
      // ws itself closes with the code of RFC 6455 §7.4.1.
      const isTooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      options.metrics.dropped(isTooLarge ? 'too-large' : 'broken');
    });
  }

  /** False once a close frame was sent or received. */
  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  /** When the newest frame with data came, monotonic milliseconds. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Sends a frame. Destroys the connection of a client that leaves more than 64 KiB unread. */
  send(frame: SerializedFrame): void {
    if (!this.isOpen) return;
    // Whole frames may go around ws's own sender: without compression and fragmentation it writes each of its frames at once.
    this.#socket.write(frame.webSocket);
    if (this.#socket.writableLength <= UNSENT_MAX_BYTES) return;
    this.#options.metrics.dropped('slow');
    // A close frame would wait behind everything that the client does not read.
    this.terminate();
  }

  /** Sends a close frame; a client that does not answer it within a second is disconnected. */
  close(code: number, reason: string): void {
    this.#ws.close(code, cutToBytes(reason, REASON_MAX_BYTES));
    setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  /** As {@link close}, and counts the reason. */
  drop(code: number, metric: string, reason: string): void {
    this.#options.metrics.dropped(metric);
    this.close(code, reason);
  }

  /** Destroys the socket without a close frame. */
  terminate(): void {
    this.#ws.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heardMs = this.#options.steadyMs();
    if (!this.#mayGoOn()) return;
    if (isBinary) {
      this.drop(CLOSE_CODES.badFrame, 'bad-frame', 'frame: want text, not bytes');
      return;
    }
    const message = readClientFrame(asText(data));
    if (message.ok) this.#options.onMessage(message.value);
    else this.drop(CLOSE_CODES.badFrame, 'bad-frame', message.reason);
  }

  /** Counts a frame; false where the connection is closed, for too many of them or before. */
  #mayGoOn(): boolean {
    // The packet that ended the connection may contain further frames.
    if (!this.isOpen) return false;
    const steadyMs = this.#options.steadyMs();
    const isWithinBudget = this.#budget.spend(steadyMs - this.#countedMs);
    this.#countedMs = steadyMs;
    if (!isWithinBudget) this.drop(CLOSE_CODES.flood, 'flood', 'too many frames');
    return isWithinBudget;
  }
}

function asText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}

/** Cuts a text so that it fits into so many bytes of UTF-8; a character that is cut in two is removed. */
function cutToBytes(text: string, maxBytes: number): string {
  return Buffer.from(text)
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/\ufffd$/, '');
}
