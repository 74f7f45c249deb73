import { DIALECTS, type DialectName } from './dialect.ts';
import { clientFrame, RawWebSocket } from './raw-web-socket.ts';

type Frame = { readonly type: string; readonly [member: string]: unknown };

/** The teacher: one WebSocket that opens and closes calls. */
export type Caller = {
  /**
   * Opens a presence call.
   *
   * @param question members of the open frame, beside `kind` and `prompt`
   * @returns its id, and when it was sent, UTC milliseconds
   */
  open(question?: object): Promise<{ readonly callId: string; readonly sentMs: number }>;
  /** Ends a call. */
  close(callId: string): Promise<void>;
  end(): void;
};

/** Connects a teacher. @throws {Error} when she is sent away, or her connection goes */
export async function connectCaller(
  target: { readonly host: string; readonly port: number },
  options: { readonly dialect: DialectName; readonly channel: string; readonly token: string },
): Promise<Caller> {
  const { channel, token } = options;
  const dialect = DIALECTS[options.dialect];
  const waiting = new Map<string, { done(frame: Frame): void; failed(error: Error): void }>();
  let refs = 0;
  const fail = (why: string): void => {
    for (const { failed } of waiting.values()) failed(new Error(`the teacher: ${why}`));
    waiting.clear();
  };
  const reply = (key: string): Promise<Frame> =>
    new Promise((done, failed) => {
      waiting.set(key, { done, failed });
    });
  const welcome = reply('welcome');
  const line = new RawWebSocket(
    { ...target, path: dialect.path(channel), localAddress: null },
    {
      onOpen: () => {
        const hello = dialect.hello(token);
        if (hello !== null) line.send(clientFrame(hello));
      },
      onText: (payload) => {
        const { frame, reply: back } = dialect.read(payload.toString('utf8'), token);
        if (back !== null) line.send(clientFrame(back));
        if (frame === null) return;
        const said = JSON.parse(frame) as Frame;
        const key = said.type === 'welcome' ? 'welcome' : String(said['ref']);
        const waits = waiting.get(key);
        waiting.delete(key);
        if (said.type === 'refused') waits?.failed(new Error(`the teacher: ${String(said['reason'])}`));
        else waits?.done(said);
      },
      onRefused: (status) => fail(`answered ${status}`),
      onGone: (code) => fail(`closed with ${code}`),
    },
  );
  await welcome;
  const ping = clientFrame(dialect.write({ type: 'ping' }));
  const timer = setInterval(() => line.send(ping), 20_000);
  timer.unref();
  return {
    open: async (question = {}) => {
      const ref = `open-${refs++}`;
      const frame = clientFrame(
        dialect.write({ type: 'open', ref, kind: 'presence', prompt: 'Who is here?', ...question }),
      );
      const done = reply(ref);
      const sentMs = performance.timeOrigin + performance.now();
      line.send(frame);
      return { callId: String((await done)['callId']), sentMs };
    },
    close: async (callId) => {
      const ref = `close-${refs++}`;
      const done = reply(ref);
      line.send(clientFrame(dialect.write({ type: 'close', ref, callId })));
      await done;
    },
    end: () => {
      clearInterval(timer);
      line.destroy();
    },
  };
}
