/**
 * The peer: a roll call by Socket.IO as its documentation would have it, with the same checks of tokens and answers that are
 * first, and nothing that is durable. Tells its port.
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { verifyToken } from '../../shared/token.ts';
import { programOptions, tell } from '../start/program.ts';

const { secret } = programOptions() as { readonly secret: string };

type Frame = { readonly type?: string; readonly ref?: string; readonly answerId?: string };

const server = createServer();
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
let call = { callId: '', atProgramTimeMs: 0 };
let answers = new Map<string, Frame>();
let calls = 0;

io.use((socket, next) => {
  try {
    const { token } = socket.handshake.auth as { readonly token?: unknown };
    const { sub, name, role } = verifyToken(secret, String(token), Date.now());
    socket.data = { sub, name, role };
    next();
  } catch (error) {
    next(error instanceof Error ? error : new Error(String(error)));
  }
});
io.on('connection', (socket) => {
  const { sub, name, role } = socket.data as {
    readonly sub: string;
    readonly name: string;
    readonly role: string;
  };
  void socket.join('hall-7');
  socket.emit('frame', { type: 'welcome', serverTimeMs: Date.now(), sub, name, role });
  socket.on('frame', (frame: Frame) => {
    if (frame.type === 'open' && role === 'teacher') {
      const callId = `call${String(calls++).padStart(8, '0')}`;
      call = { callId, atProgramTimeMs: Date.now() };
      answers = new Map();
      const rest = { kind: 'presence', prompt: 'Who is here?', windowMs: 20_000, graceMs: 30_000 };
      io.to('hall-7').emit('frame', { type: 'call', ...rest, ...call });
      socket.emit('frame', { type: 'done', ref: frame.ref, callId });
    } else if (frame.type === 'close') {
      socket.emit('frame', { type: 'done', ref: frame.ref, callId: call.callId });
    } else if (frame.type === 'answer') {
      const duplicate = answers.has(sub);
      if (!duplicate) answers.set(sub, frame);
      const { answerId } = frame;
      socket.emit('frame', { type: 'ack', callId: call.callId, answerId, status: 'present', duplicate });
    }
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address();
  tell({ kind: 'listening', port: typeof address === 'object' && address !== null ? address.port : 0 });
});
