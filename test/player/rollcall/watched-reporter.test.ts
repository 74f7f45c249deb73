import { deepEqual, equal, ok } from 'node:assert/strict';
import { watchedReply } from '../../../player/rollcall/post-watched.ts';
import { type WatchedReply, WatchedReporter } from '../../../player/rollcall/watched-reporter.ts';

const BEGAN_MS = 1_800_000_000_000;
const FIRST = BEGAN_MS / 60_000;
/** Everything that is pending and needs no timer has happened. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('the report of watched minutes', () => {
  let steadyMs: number;
  let aheadMs: number;
  let hasLine: boolean;
  let sent: number[];
  let posted: number[];
  let reply: (minute: number) => WatchedReply;
  let reporter: WatchedReporter;
  beforeEach(() => {
    [steadyMs, aheadMs, hasLine, sent, posted] = [0, 0, false, [], []];
    reply = () => ({ kind: 'settled' });
    reporter = new WatchedReporter({
      send: (minute) => hasLine && sent.push(minute) > 0,
      post: async (minute) => {
        posted.push(minute);
        return reply(minute);
      },
      nowMs: () => BEGAN_MS + steadyMs + aheadMs,
    });
  });

  /** Looks once a second, for so many minutes; a class is on air, or not. */
  const pass = async (minutes: number, isPlaying: boolean): Promise<void> => {
    for (let i = 0; i < minutes * 60; i++) {
      steadyMs += 1000;
      reporter.update(isPlaying ? BEGAN_MS + steadyMs : null, steadyMs);
      await settled();
    }
  };
  const minutes = (count: number): number[] => Array.from({ length: count }, (_, i) => FIRST + i);

  it('a minute that is refused for good is posted once', async () => {
    reply = (minute) => watchedReply(minute === FIRST ? 400 : 204, null);
    await pass(3, true);
    deepEqual(posted, minutes(3));
  });

  it('while the server takes none: one post in 30 s, however many are pending', async () => {
    reply = () => ({ kind: 'later', retryAfterMs: null });
    await pass(40, true);
    ok(posted.length <= 80, `${posted.length} posts`);
    reply = () => ({ kind: 'settled' });
    posted = [];
    await pass(2, false);
    deepEqual(posted, minutes(40));
  });

  it('a server that says when: not before', async () => {
    reply = () => ({ kind: 'later', retryAfterMs: 600_000 });
    await pass(10, true);
    equal(posted.length, 1);
  });

  it('minutes of more than a day ago are dropped', async () => {
    reply = () => ({ kind: 'later', retryAfterMs: null });
    await pass(3, true);
    aheadMs = 86_400_000;
    posted = [];
    await pass(5, false);
    deepEqual(posted, []);
  });

  it('kept minutes are sent slowly when the line is back: a gateway takes five frames a second', async () => {
    reply = () => ({ kind: 'later', retryAfterMs: null });
    await pass(60, true);
    hasLine = true;
    reporter.connected();
    await pass(0.25, false);
    ok(sent.length <= 32, `${sent.length} in 15 s`);
    await pass(1, false);
    deepEqual(sent, minutes(60));
  });

  it('a minute that the line refuses is sent again when it may be, and never without such a time', async () => {
    hasLine = true;
    await pass(2, true);
    deepEqual(sent, minutes(2));
    reporter.refused(FIRST, 30_000);
    reporter.refused(FIRST + 1, null);
    await pass(0.4, false);
    equal(sent.length, 2);
    await pass(2, false);
    deepEqual(sent.slice(2), [FIRST]);
  });

  for (const { status, retryAfter, want } of [
    { status: 204, retryAfter: null, want: { kind: 'settled' } },
    { status: 400, retryAfter: null, want: { kind: 'settled' } },
    { status: 404, retryAfter: null, want: { kind: 'settled' } },
    { status: 401, retryAfter: null, want: { kind: 'later', retryAfterMs: null } },
    { status: 429, retryAfter: '30', want: { kind: 'later', retryAfterMs: 30_000 } },
    { status: 503, retryAfter: 'soon', want: { kind: 'later', retryAfterMs: null } },
  ]) {
    it(`status ${status}: ${want.kind}`, () => deepEqual(watchedReply(status, retryAfter), want));
  }
});
