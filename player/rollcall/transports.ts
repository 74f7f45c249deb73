import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';
import { CLOSE_CODES } from '../../rollcall/protocol/frames.ts';

/** How a connection ended. */
export type TransportEnd =
  /** Our token is not taken: coming back with it would not help. */
  | { readonly kind: 'denied' }
  /** This server calls no roll for this channel. */
  | { readonly kind: 'absent' }
  /** @see TransportEnd retryAfterMs: what the server asked for, milliseconds */
  | { readonly kind: 'lost'; readonly retryAfterMs: number | null };

/** What a connection tells. */
export type TransportEvents = {
  readonly onText: (text: string) => void;
  /** Something came on an event stream, be it only what the server sends to keep it open. */
  readonly onLife: () => void;
  /** Told once. */
  readonly onEnd: (end: TransportEnd) => void;
};

/** A connection to the roll call. */
export type Transport = {
  /** @returns false when nothing can be sent this way, or not any more */
  readonly send: (text: string) => boolean;
  /** Ends it; `onEnd` may still be told. */
  readonly close: () => void;
};

const LOST: TransportEnd = { kind: 'lost', retryAfterMs: null };

/** Opens a WebSocket, and says hello. */
export function openWebSocket(channel: string, token: string, { onText, onEnd }: TransportEvents): Transport {
  const url = new URL(`/rollcall/${channel}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'hello', token })));
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') onText(data);
  });
  socket.addEventListener('close', ({ code }) => {
    const isDenied = code === CLOSE_CODES.unauthorized || code === CLOSE_CODES.forbidden;
    onEnd(isDenied ? { kind: 'denied' } : LOST);
  });
  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close: () => socket.close(),
  };
}

/** Opens an event stream by fetch: EventSource cannot send a token in a header. */
export function openEventStream(
  channel: string,
  token: string,
  { onText, onLife, onEnd }: TransportEvents,
): Transport {
  const abort = new AbortController();
  const read = async (): Promise<TransportEnd> => {
    const answer = await request(`/api/rollcall/${channel}/events`, token, {
      fresh: true,
      signal: abort.signal,
    });
    if (!answer.ok || answer.body === null) {
      // A refusal that is not in the server's own words is a proxy's.
      if (errorReplyOf(await answer.text()) !== null) {
        if (answer.status === 401 || answer.status === 403) return { kind: 'denied' };
        if (answer.status === 404) return { kind: 'absent' };
      }
      return { kind: 'lost', retryAfterMs: retryAfterMs(answer) };
    }
    const lines = new EventLines(onText);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return LOST;
      onLife();
      lines.add(value);
    }
  };
  read().then(onEnd, () => onEnd(LOST));
  return { send: () => false, close: () => abort.abort() };
}

/**
 * Reads the data of events out of a stream of text.
 *
 * @see WHATWG HTML, §9.2.6 Interpreting an event stream
 */
export class EventLines {
  readonly #onData: (data: string) => void;
  #rest = '';
  #data: string[] = [];

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  /** @param text what came next, cut anywhere */
  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.replace(/\r$/, '');
      if (line.startsWith('data:')) this.#data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      else if (line === '' && this.#data.length > 0) {
        this.#onData(this.#data.join('\n'));
        this.#data = [];
      }
    }
  }
}
