import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';
import { LOST, type Transport, type TransportEnd, type TransportEvents } from './transport.ts';

/** Opens an event stream by fetch: EventSource cannot send a token in a header. */
export function openEventStream(
  channel: string,
  token: string,
  { onText, onLife, onEnd }: TransportEvents,
): Transport {
  const abort = new AbortController();
  const read = async (): Promise<TransportEnd> => {
    const response = await request(`/api/rollcall/${channel}/events`, token, {
      fresh: true,
      signal: abort.signal,
    });
    if (!response.ok || response.body === null) return endOf(response, await response.text());
    const lines = new EventLines(onText);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
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
 * How a request for events ended that was refused.
 *
 * @param text the body
 */
export function endOf(response: Pick<Response, 'status' | 'headers'>, text: string): TransportEnd {
  // Without an error of Lectern's own, a proxy has answered.
  if (errorReplyOf(text) !== null) {
    if (response.status === 401 || response.status === 403) return { kind: 'denied' };
    if (response.status === 404) return { kind: 'absent' };
  }
  return { kind: 'lost', retryAfterMs: retryAfterMs(response) };
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
