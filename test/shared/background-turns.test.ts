import assert from 'node:assert/strict';
import { BackgroundTurns, type TurnKind } from '../../shared/background-turns.ts';

/** Turns whose clock and event loop the test turns by hand. */
class Loop {
  nowMs = 0;
  readonly log: string[] = [];
  readonly #scheduled: (() => void)[] = [];
  readonly turns = new BackgroundTurns({
    schedule: (turn) => void this.#scheduled.push(turn),
    nowMs: () => this.nowMs,
  });

  /** Adds a job of some steps. */
  add(kind: TurnKind, name: string, stepMs: number, steps = 1): Promise<void> {
    return this.turns.runSteps(kind, this.#steps(name, stepMs, steps));
  }

  *#steps(name: string, stepMs: number, steps: number): Generator<void, void, undefined> {
    for (let i = 0; i < steps; i += 1) {
      this.log.push(name);
      this.nowMs += stepMs;
      if (i < steps - 1) yield;
    }
  }

  /** One iteration of the event loop: requests are answered for a time, then there is a turn. @returns how long it lasted */
  iterate(requestsMs: number): number {
    this.log.push('requests');
    this.nowMs += requestsMs;
    const beganMs = this.nowMs;
    const turns = this.#scheduled.splice(0);
    assert.ok(turns.length <= 1, 'one turn an iteration');
    for (const turn of turns) turn();
    return this.nowMs - beganMs;
  }

  get isIdle(): boolean {
    return this.#scheduled.length === 0;
  }
}

describe('turns of background work', () => {
  it('let requests be answered before the first step, and between any two turns', () => {
    const loop = new Loop();
    void loop.add('library', 'search', 0.5, 6);
    while (!loop.isIdle) loop.iterate(0);
    assert.deepEqual(loop.log.slice(0, 6), ['requests', 'search', 'search', 'requests', 'search', 'search']);
  });

  for (const { requestsMs, want } of [
    { requestsMs: 0, want: 1 },
    { requestsMs: 2, want: 1 },
    { requestsMs: 6, want: 3 },
    { requestsMs: 10, want: 5 },
    { requestsMs: 200, want: 5 },
  ]) {
    it(`last ${want} ms where requests took ${requestsMs} ms`, () => {
      const loop = new Loop();
      void loop.add('download', 'download', 0.25, 1000);
      loop.iterate(requestsMs);
      assert.equal(loop.iterate(requestsMs), want);
    });
  }

  it('do not grow with the number of jobs', () => {
    const loop = new Loop();
    for (let i = 0; i < 200; i += 1) void loop.add('download', `download ${i}`, 0.5);
    assert.equal(loop.iterate(100), 5);
    assert.equal(loop.iterate(100), 5);
  });

  it('are shared: start-over before replays before downloads before the library, and none of them starves', () => {
    const loop = new Loop();
    for (const kind of ['library', 'download', 'replay', 'start-over'] as const) {
      for (let i = 0; i < 20; i += 1) void loop.add(kind, kind, 1, 1000);
    }
    while (loop.nowMs < 150 * 15) loop.iterate(10);
    const count = (kind: TurnKind): number => loop.log.filter((name) => name === kind).length;
    const library = count('library');
    assert.ok(library >= 40, `${library} steps of the library`);
    for (const [kind, share] of [
      ['start-over', 8],
      ['replay', 4],
      ['download', 2],
    ] as const) {
      assert.ok(Math.abs(count(kind) / library - share) < 0.5, `${kind}: ${count(kind)} against ${library}`);
    }
  });

  it('give a kind that comes later no claim on the time before', () => {
    const loop = new Loop();
    void loop.add('library', 'library', 1, 1000);
    for (let i = 0; i < 100; i += 1) loop.iterate(10);
    void loop.add('download', 'download', 1, 1000);
    loop.log.length = 0;
    for (let i = 0; i < 20; i += 1) loop.iterate(10);
    assert.ok(loop.log.filter((name) => name === 'library').length > 20);
  });

  it('hold nothing against a kind that had the time to itself', () => {
    const loop = new Loop();
    void loop.add('library', 'library', 1, 100);
    while (!loop.isIdle) loop.iterate(10);
    void loop.add('download', 'download', 1, 1000);
    void loop.add('library', 'library', 1, 1000);
    loop.log.length = 0;
    for (let i = 0; i < 20; i += 1) loop.iterate(10);
    assert.ok(loop.log.filter((name) => name === 'library').length > 20);
  });

  it('give results and errors back', async () => {
    const loop = new Loop();
    const sum = loop.turns.run('library', () => 3);
    const failed = loop.turns.run('library', () => {
      throw new RangeError('no');
    });
    while (!loop.isIdle) loop.iterate(0);
    assert.equal(await sum, 3);
    await assert.rejects(failed, RangeError);
    assert.equal(loop.turns.count('library'), 0);
  });
});
