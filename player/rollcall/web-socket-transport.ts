import { CLOSE_CODES } from '../../rollcall/protocol/frames.ts';
import { withBase } from '../net/base-path.ts';
import { LOST, type Transport, type TransportEvents } from './transport.ts';

/** Opens a WebSocket, and sends the hello frame. */
export function openWebSocket(channel: string, token: string, { onText, onEnd }: TransportEvents): Transport {
  const url = new URL(withBase(`/rollcall/${channel}`), location.href);
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
