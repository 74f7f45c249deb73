import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { endWithSignals } from '../../shared/lifecycle.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';

/** A process that only notes how it was ended. */
function fakeProcess(stop: () => Promise<void>, stopWithinMs = 60_000) {
  const events = new EventEmitter();
  const lines: object[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => void lines.push(fields) };
  const statuses: number[] = [];
  const left = new Promise<number>((resolve) => {
    endWithSignals({
      logger,
      stop,
      stopWithinMs,
      events,
      exit: (status) => {
        statuses.push(status);
        resolve(status);
      },
    });
  });
  return { events, left, lines, statuses };
}

describe('the end of a process', () => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    it(`by ${signal} stops once, then leaves with 0`, async () => {
      let stops = 0;
      const { events, left } = fakeProcess(async () => {
        stops += 1;
      });
      events.emit(signal);
      assert.equal(await left, 0);
      assert.equal(stops, 1);
    });
  }

  it('by a second signal comes at once, with 130', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { events, statuses } = fakeProcess(() => held);
    events.emit('SIGINT');
    assert.deepEqual(statuses, []);
    events.emit('SIGINT');
    assert.deepEqual(statuses, [130]);
    release();
    await held;
  });

  for (const event of ['uncaughtException', 'unhandledRejection']) {
    it(`by ${event} is logged, stops, and leaves with 1`, async () => {
      const { events, left, lines } = fakeProcess(async () => {});
      events.emit(event, new Error('broken', { cause: new Error('deep') }));
      assert.equal(await left, 1);
      assert.match(JSON.stringify(lines), /broken: deep/);
    });
  }

  it('leaves with 1 when the stop itself fails', async () => {
    const { events, left, lines } = fakeProcess(async () => {
      throw new Error('still busy');
    });
    events.emit('SIGTERM');
    assert.equal(await left, 1);
    assert.match(JSON.stringify(lines), /still busy/);
  });

  it('leaves with 1 when the stop takes too long', async () => {
    const { events, left } = fakeProcess(() => new Promise(() => {}), 10);
    events.emit('SIGTERM');
    assert.equal(await left, 1);
  });
});
