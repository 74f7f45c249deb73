import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';

/** How a server of a roll call is talked to: ours, or Socket.IO, which wraps the same frames. */
export type Dialect = {
  /** Path of the upgrade request. */
  path(channel: string): string;
  /** What is sent when the connection is open; null to wait for the server's first word. */
  hello(token: string): string | null;
  /** What a text of the server means. `reply` is to be sent back at once. */
  read(text: string, token: string): { readonly frame: string | null; readonly reply: string | null };
  /** A frame as it is sent. */
  write(frame: object): string;
};

/** Names of the dialects. */
export type DialectName = 'lectern' | 'socket.io';

const NOTHING = { frame: null, reply: null };

/** The dialects that the load speaks. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  lectern: {
    path: (channel) => `/rollcall/${channel}`,
    hello: (token) => JSON.stringify({ type: 'hello', token }),
    read: (text) => ({ frame: text, reply: null }),
    write: (frame) => JSON.stringify(frame),
  },
  // Engine.IO 4 (0 open, 2 ping, 3 pong, 4 message) with Socket.IO 5 in its messages (0 connect, 2 event).
  'socket.io': {
    path: () => '/socket.io/?EIO=4&transport=websocket',
    hello: () => null,
    read: (text, token) => {
      if (text.startsWith('42["frame",')) return { frame: text.slice(11, -1), reply: null };
      if (text === '2') return { frame: null, reply: '3' };
      return text.startsWith('0') ? { frame: null, reply: `40${JSON.stringify({ token })}` } : NOTHING;
    },
    write: (frame) => `42["frame",${JSON.stringify(frame)}]`,
  },
};

/** The answer of one who taps a tenth of a second after she hears the call. */
export function tapped(callId: string, atProgramTimeMs: number, answerId: string): AnswerFrame {
  return {
    ...{ type: 'answer', callId, answerId },
    ...{ tapProgramTimeMs: atProgramTimeMs + 100, latencyMs: 0 },
  };
}
