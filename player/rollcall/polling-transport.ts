import { request } from '../net/request.ts';
import { endOf, EventLines } from './event-stream-transport.ts';
import { LOST, type Transport, type TransportEnd, type TransportEvents } from './transport.ts';

/** How long the server may hold a request, seconds: it answers at once when there is something to tell. */
const HELD_S = 15;
/** And how long the answer may take on its way, milliseconds. */
const SLACK_MS = 12_000;
/** Between two requests, milliseconds. */
const PAUSE_MS = 250;

/**
 * Asks for the frames again and again: for lines on which a proxy collects an event stream until its end. Each request is an event
 * stream that ends.
 */
export function openPolling(
  channel: string,
  token: string,
  { onText, onLife, onEnd }: TransportEvents,
): Transport {
  const abort = new AbortController();
  const poll = async (): Promise<TransportEnd> => {
    // The first one is answered at once: it has the welcome.
    for (let heldS = 0; ; heldS = HELD_S) {
      const timer = setTimeout(() => abort.abort(), heldS * 1000 + SLACK_MS);
      const response = await request(`/api/rollcall/${channel}/events?waitS=${heldS}`, token, {
        fresh: true,
        signal: abort.signal,
      });
      const text = await response.text();
      clearTimeout(timer);
      if (!response.ok) return endOf(response, text);
      new EventLines(onText).add(text);
      onLife();
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS);
      });
      if (abort.signal.aborted) return LOST;
    }
  };
  poll().then(onEnd, () => onEnd(LOST));
  return { send: () => false, close: () => abort.abort() };
}
