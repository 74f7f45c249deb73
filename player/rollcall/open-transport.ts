import { openEventStream } from './event-stream-transport.ts';
import { openPolling } from './polling-transport.ts';
import type { Transport, TransportEvents, TransportKind } from './transport.ts';
import { openWebSocket } from './web-socket-transport.ts';

/** Opens a connection of any kind to a channel's roll call. */
export function openTransport(
  channel: string,
  kind: TransportKind,
  token: string,
  events: TransportEvents,
): Transport {
  switch (kind) {
    case 'web-socket':
      return openWebSocket(channel, token, events);
    case 'event-stream':
      return openEventStream(channel, token, events);
    case 'polling':
      return openPolling(channel, token, events);
  }
}
