import { openEventStream } from './event-stream-transport.ts';
import type { Transport, TransportEvents, TransportKind } from './transport.ts';
import { openWebSocket } from './web-socket-transport.ts';

/** Opens a connection of either kind to a channel's roll call. */
export function openTransport(
  channel: string,
  kind: TransportKind,
  token: string,
  events: TransportEvents,
): Transport {
  return kind === 'web-socket'
    ? openWebSocket(channel, token, events)
    : openEventStream(channel, token, events);
}
