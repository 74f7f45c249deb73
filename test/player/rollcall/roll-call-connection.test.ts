import { deepEqual, equal } from 'node:assert/strict';
import type { TransportEvents } from '../../../player/rollcall/transport.ts';
import { TRANSPORTS } from '../../../player/rollcall/transport-choice.ts';
import { RollCallConnection, type ConnectionState } from '../../../player/rollcall/roll-call-connection.ts';

const WELCOME = JSON.stringify({ type: 'welcome', serverTimeMs: 1, sub: 'li', name: 'li', role: 'student' });

/** A world with a clock that a test turns. */
class World {
  nowMs = 0;
  readonly ways: string[] = [];
  readonly sent: string[] = [];
  readonly states: ConnectionState[] = [];
  events: TransportEvents | null = null;
  closed = 0;
  /** WebSockets are ended at once. */
  blocksSockets = false;
  /** Transports of which nothing comes, while all others welcome; null where the test says what comes. */
  swallowed: readonly string[] | null = null;
  /** What is remembered from visit to visit. */
  memory: string | null;
  readonly tokens: string[] = [];
  /** Types of the frames that were handed on. */
  readonly told: string[] = [];
  token = 'a.b.c';
  renews = 0;
  readonly link: RollCallConnection;
  #timers: { atMs: number; work: () => void }[] = [];

  constructor(memory: string | null = null) {
    this.memory = memory;
    this.link = new RollCallConnection({
      connect: (way, token, events) => {
        this.ways.push(way);
        this.tokens.push(token);
        this.events = events;
        if (way === 'web-socket' && this.blocksSockets) {
          this.#timers.push({
            atMs: this.nowMs,
            work: () => events.onEnd({ kind: 'lost', retryAfterMs: null }),
          });
        }
        const isHere = this.swallowed !== null && !this.swallowed.includes(way);
        if (isHere) this.#timers.push({ atMs: this.nowMs + 10, work: () => events.onText(WELCOME) });
        return {
          send: (text) => way === 'web-socket' && this.sent.push(text) > 0,
          close: () => {
            this.closed++;
          },
        };
      },
      token: async () => {
        const { token } = this;
        return { kind: 'token', token };
      },
      renew: () => this.renews-- > 0,
      onFrame: ({ type }) => void this.told.push(type),
      onState: (state) => void this.states.push(state),
      random: () => 0.5,
      remembered: {
        recalled: () => TRANSPORTS.find((kind) => kind === this.memory) ?? null,
        memorize: (kind) => {
          this.memory = kind;
        },
      },
      later: (work, milliseconds) => {
        const timer = { atMs: this.nowMs + milliseconds, work };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
    });
  }

  /** Lets time pass, and everything that was promised happen. */
  async pass(milliseconds: number): Promise<void> {
    const untilMs = this.nowMs + milliseconds;
    for (;;) {
      await Promise.resolve().then(() => Promise.resolve());
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = next.atMs;
      this.#timers = this.#timers.filter((other) => other !== next);
      next.work();
    }
    this.nowMs = untilMs;
  }

  async open(): Promise<void> {
    this.link.start();
    await this.pass(0);
  }

  end(retryAfterMs: number | null = null): void {
    this.events?.onEnd({ kind: 'lost', retryAfterMs });
  }
}

describe('the line of the roll call', () => {
  it('sends nothing before it is welcome', async () => {
    const world = new World();
    await world.open();
    equal(world.link.send({ type: 'ping' }), false);
    world.events?.onText(WELCOME);
    equal(world.link.send({ type: 'ping' }), true);
    equal(world.states.at(-1), 'open');
  });

  it('comes back by itself after a random wait that grows', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const [tries, fromMs] = [world.ways.length, world.nowMs];
      world.events?.onEnd({ kind: 'lost', retryAfterMs: null });
      while (world.ways.length === tries) await world.pass(50);
      waits.push(world.nowMs - fromMs);
    }
    deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  it('waits longer and longer for a server that lets it in and breaks at once, and forgets that when it holds', async () => {
    const world = new World();
    await world.open();
    const waitFor = async (): Promise<number> => {
      const [tries, fromMs] = [world.ways.length, world.nowMs];
      world.end();
      while (world.ways.length === tries) await world.pass(50);
      return world.nowMs - fromMs;
    };
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      world.events?.onText(WELCOME);
      waits.push(await waitFor());
    }
    deepEqual(waits, [500, 1000, 2000, 4000]);
    world.events?.onText(WELCOME);
    await world.pass(10_000);
    equal(await waitFor(), 500);
  });

  it('waits as long as the server asks for, when it says bye or is full', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    world.events?.onText('{"type":"bye","reconnectAfterMs":7000}');
    world.end();
    await world.pass(6999);
    equal(world.ways.length, 1);
    await world.pass(1000);
    equal(world.ways.length, 2);
  });

  it('takes an event stream after two WebSockets that came to nothing', async () => {
    const world = new World();
    await world.open();
    for (let i = 0; i < 2; i++) {
      world.end();
      await world.pass(1500);
    }
    deepEqual(world.ways, ['web-socket', 'web-socket', 'event-stream']);
  });

  for (const { name, swallowed, want, withinMs } of [
    {
      name: 'a WebSocket that is swallowed, for an event stream',
      swallowed: ['web-socket'],
      want: ['web-socket', 'event-stream'],
      withinMs: 3100,
    },
    {
      name: 'an event stream that is collected as well, for polling',
      swallowed: ['web-socket', 'event-stream'],
      want: ['web-socket', 'event-stream', 'polling'],
      withinMs: 11_200,
    },
  ]) {
    it(`leaves ${name}, at once, and knows that at the next visit`, async () => {
      const world = new World();
      world.swallowed = swallowed;
      await world.open();
      await world.pass(withinMs);
      deepEqual([world.ways, world.states.at(-1), world.memory], [want, 'open', want.at(-1)]);
      const next = new World(world.memory);
      next.swallowed = swallowed;
      await next.open();
      await next.pass(100);
      deepEqual([next.ways, next.states.at(-1)], [want.slice(-1), 'open']);
    });
  }

  it('begins with a WebSocket again where what worked at the last visit does not', async () => {
    const world = new World('polling');
    world.swallowed = ['polling'];
    await world.open();
    await world.pass(18_000);
    deepEqual(world.ways, ['polling', 'web-socket']);
  });

  it('takes another transport where the open one is dead, and the same where it lives', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    world.link.suspect();
    world.events?.onText('{"type":"pong","serverTimeMs":1}');
    await world.pass(5000);
    deepEqual(world.ways, ['web-socket']);
    world.link.suspect();
    await world.pass(2600);
    deepEqual(world.ways, ['web-socket', 'event-stream']);
  });

  it('goes back to an event stream that held, when its try with a WebSocket is swallowed', async () => {
    const world = new World();
    world.swallowed = ['web-socket'];
    await world.open();
    await world.pass(4000);
    for (let i = 0; i < 40; i++) {
      await world.pass(10_000);
      world.events?.onLife();
    }
    deepEqual(world.ways, ['web-socket', 'event-stream', 'web-socket', 'event-stream']);
  });

  it('goes back to WebSockets when nothing else comes to anything either: the server is away', async () => {
    const world = new World();
    await world.open();
    while (world.ways.length < 7) {
      world.end();
      await world.pass(31_000);
    }
    const [w, e, p] = ['web-socket', 'event-stream', 'polling'];
    deepEqual(world.ways.slice(0, 5), [w, w, e, p, w]);
  });

  it('leaves an event stream that holds for a try with a WebSocket, now and then', async () => {
    const world = new World();
    world.blocksSockets = true;
    await world.open();
    const triedAtS: number[] = [];
    let tries = 0;
    while (world.nowMs < 4_000_000) {
      await world.pass(1000);
      if (world.ways.at(-1) === 'event-stream') {
        if (world.ways.length > tries) world.events?.onText(WELCOME);
        else world.events?.onLife();
      }
      const news = world.ways.slice(tries).includes('web-socket');
      if (news) triedAtS.push(Math.round(world.nowMs / 1000));
      tries = world.ways.length;
    }
    deepEqual(
      triedAtS.filter((atS) => atS > 60).map((atS) => Math.round(atS / 60)),
      [5, 15, 35],
    );
    world.blocksSockets = false;
    while (world.ways.at(-1) !== 'web-socket') {
      await world.pass(1000);
      world.events?.onLife();
    }
    world.events?.onText(WELCOME);
    await world.pass(20_000);
    equal(world.ways.at(-1), 'web-socket');
  });

  it('notices an event stream that has fallen silent', async () => {
    const world = new World();
    world.blocksSockets = true;
    await world.open();
    while (world.ways.at(-1) !== 'event-stream') await world.pass(1000);
    world.events?.onText(WELCOME);
    for (let i = 0; i < 10; i++) {
      await world.pass(15_000);
      world.events?.onLife();
    }
    const before = world.closed;
    await world.pass(39_000);
    equal(world.closed, before);
    await world.pass(1000);
    equal(world.closed, before + 1);
  });

  it('notices a line that is dead, and opens another', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    await world.pass(22_500);
    deepEqual(world.sent, ['{"type":"ping"}']);
    await world.pass(8000);
    equal(world.closed, 1);
    await world.pass(1000);
    equal(world.ways.length, 2);
  });

  it('gives up on a connection that never welcomes', async () => {
    const world = new World();
    await world.open();
    await world.pass(3500);
    equal(world.closed, 1);
    equal(world.ways.length, 2);
  });

  it('gives up on a connection that tells of calls and never welcomes', async () => {
    const world = new World();
    await world.open();
    world.events?.onText('{"type":"pong","serverTimeMs":1}');
    await world.pass(3500);
    equal(world.closed, 1);
  });

  it('tells what came before the welcome after it, and not at all of a line that never welcomed', async () => {
    const world = new World();
    await world.open();
    const closed = JSON.stringify({ type: 'closed', callId: 'k1', atProgramTimeMs: 5 });
    world.events?.onText(closed);
    deepEqual(world.told, []);
    await world.pass(9000);
    world.events?.onText(WELCOME);
    deepEqual(world.told, ['welcome']);
    world.end();
    await world.pass(2000);
    world.events?.onText(closed);
    world.events?.onText(WELCOME);
    deepEqual(world.told, ['welcome', 'welcome', 'closed']);
  });

  it('asks at once whether a line is still there when the network has changed', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    world.link.hurry();
    deepEqual(world.sent, ['{"type":"ping"}']);
    world.events?.onText('{"type":"pong","serverTimeMs":1}');
    await world.pass(9000);
    equal(world.closed, 0);
  });

  it('comes with the newest token, though an older one was being asked for', async () => {
    const world = new World();
    world.link.start();
    world.token = 'd.e.f';
    world.link.restart();
    await world.pass(0);
    deepEqual([world.ways.length, world.tokens], [1, ['d.e.f']]);
  });

  it('heeds nothing of a connection that it has left', async () => {
    const world = new World();
    await world.open();
    const old = world.events;
    old?.onText(WELCOME);
    world.link.restart();
    await world.pass(0);
    old?.onEnd({ kind: 'denied' });
    old?.onText(WELCOME);
    equal(world.link.send({ type: 'ping' }), false);
    world.events?.onText(WELCOME);
    equal(world.states.at(-1), 'open');
  });

  it('is off, and silent, where the server calls no roll', async () => {
    const world = new World();
    await world.open();
    world.events?.onEnd({ kind: 'absent' });
    await world.pass(120_000);
    deepEqual([world.ways.length, world.states.at(-1)], [1, 'off']);
  });

  it('stops for good when it is told to', async () => {
    const world = new World();
    await world.open();
    world.events?.onText(WELCOME);
    world.link.stop();
    world.link.hurry();
    await world.pass(600_000);
    deepEqual([world.ways.length, world.closed], [1, 1]);
  });

  it('is denied when its token is not taken, unless another one may be', async () => {
    const world = new World();
    world.renews = 1;
    await world.open();
    world.events?.onEnd({ kind: 'denied' });
    await world.pass(2000);
    equal(world.ways.length, 2);
    world.events?.onEnd({ kind: 'denied' });
    await world.pass(120_000);
    deepEqual([world.ways.length, world.states.at(-1)], [2, 'denied']);
  });
});
