import { deepEqual, equal, ok } from 'node:assert/strict';
import type { CarrierEvents } from '../../player/rollcall/carriers.ts';
import { EventLines } from '../../player/rollcall/carriers.ts';
import { readKept } from '../../player/rollcall/indexed-answers.ts';
import { Link, type LinkState } from '../../player/rollcall/link.ts';
import { type AnswerStore, type KeptAnswer, Outbox } from '../../player/rollcall/outbox.ts';
import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';

const WELCOME = JSON.stringify({ type: 'welcome', serverTimeMs: 1, sub: 'li', name: 'li', role: 'student' });

/** A world with a clock that a test turns. */
class World {
  nowMs = 0;
  readonly ways: string[] = [];
  readonly sent: string[] = [];
  readonly states: LinkState[] = [];
  events: CarrierEvents | null = null;
  closed = 0;
  token = 'a.b.c';
  renews = 0;
  readonly link: Link;
  #timers: { atMs: number; work: () => void }[] = [];

  constructor() {
    this.link = new Link({
      connect: (way, _token, events) => {
        this.ways.push(way);
        this.events = events;
        return {
          send: (text) => way === 'web-socket' && this.sent.push(text) > 0,
          close: () => {
            this.closed++;
          },
        };
      },
      token: async () => ({ kind: 'token', token: this.token }),
      renew: () => this.renews-- > 0,
      onFrame: () => {},
      onState: (state) => void this.states.push(state),
      random: () => 0.5,
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

  it('takes an event stream after two WebSockets that came to nothing, and tries a WebSocket again later', async () => {
    const world = new World();
    await world.open();
    for (let i = 0; i < 12; i++) {
      world.end();
      await world.pass(31_000);
    }
    deepEqual(world.ways.slice(0, 3), ['web-socket', 'web-socket', 'event-stream']);
    ok(world.ways.slice(3).includes('web-socket'));
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
    await world.pass(9000);
    equal(world.closed, 1);
    equal(world.ways.length, 2);
  });

  it('is off when its token is not taken, unless another one may be', async () => {
    const world = new World();
    world.renews = 1;
    await world.open();
    world.events?.onEnd({ kind: 'refused' });
    await world.pass(2000);
    equal(world.ways.length, 2);
    world.events?.onEnd({ kind: 'refused' });
    await world.pass(120_000);
    deepEqual([world.ways.length, world.states.at(-1)], [2, 'off']);
  });
});

describe('an event stream', () => {
  it('gives the same events however it is cut', () => {
    const text = ': hello\n\ndata: {"a":1}\n\ndata: {"b":\ndata: 2}\r\n\r\nid: 3\ndata:x\n\n';
    for (let step = 1; step < text.length; step++) {
      const events: string[] = [];
      const lines = new EventLines((data) => events.push(data));
      for (let i = 0; i < text.length; i += step) lines.add(text.slice(i, i + step));
      deepEqual(events, ['{"a":1}', '{"b":\n2}', 'x']);
    }
  });
});

describe('answers on their way', () => {
  const answer = (answerId: string): AnswerFrame => ({
    ...{ type: 'answer', callId: 'k1', answerId, tapProgramTimeMs: 5, latencyMs: 600 },
  });
  const makeStore = (): AnswerStore & { readonly kept: Map<string, KeptAnswer> } => {
    const kept = new Map<string, KeptAnswer>();
    return {
      kept,
      put: async (one) => void kept.set(one.frame.answerId, one),
      remove: async (id) => void kept.delete(id),
      all: async () => [...kept.values()],
    };
  };

  it('are kept before they may be sent, are there after a reload, and go with their ack', async () => {
    const store = makeStore();
    const outbox = new Outbox('hall-7', store);
    await outbox.keep(answer('answer-1'), 1000);
    ok(store.kept.has('answer-1'));
    const reloaded = new Outbox('hall-7', store);
    await reloaded.load(2000);
    deepEqual(
      reloaded.waiting.map(({ frame }) => frame),
      [answer('answer-1')],
    );
    await reloaded.settle('answer-1');
    deepEqual([reloaded.waiting.length, store.kept.size], [0, 0]);
  });

  it('of another channel are left, and old ones go', async () => {
    const store = makeStore();
    await new Outbox('hall-8', store).keep(answer('answer-8'), 9_000_000);
    await new Outbox('hall-7', store).keep(answer('answer-7'), 1000);
    const outbox = new Outbox('hall-7', store);
    await outbox.load(9_000_000);
    deepEqual([outbox.waiting.length, [...store.kept.keys()]], [0, ['answer-8']]);
  });

  it('are kept for as long as the page lives where the browser keeps nothing', async () => {
    const failing: AnswerStore = {
      put: () => Promise.reject(new Error('full')),
      remove: () => Promise.reject(new Error('gone')),
      all: () => Promise.reject(new Error('gone')),
    };
    for (const store of [null, failing]) {
      const outbox = new Outbox('hall-7', store);
      await outbox.load(0);
      await outbox.keep(answer('answer-1'), 0);
      equal(outbox.waiting.length, 1);
      await outbox.settle('answer-1');
      equal(outbox.waiting.length, 0);
    }
  });

  it('that another version has kept are read, or left out', () => {
    const kept = {
      channel: 'hall-7',
      tappedMs: 1,
      frame: { ...answer('answer-1'), value: 2, stalled: true },
    };
    deepEqual(readKept(kept), kept);
    for (const bad of [
      null,
      {},
      { ...kept, frame: null },
      { ...kept, frame: { ...kept.frame, callId: '' } },
    ]) {
      equal(readKept(bad), null);
    }
  });
});
