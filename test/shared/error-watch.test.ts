import assert from 'node:assert/strict';
import { ErrorWatch } from '../../shared/error-watch.ts';
import type { Logger } from '../../shared/logger.ts';

describe('a watch over error lines', () => {
  const lines: string[] = [];
  const write = (level: string) => (_fields: object, message: string) =>
    void lines.push(`${level} ${message}`);
  const plain: Logger = {
    ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    child: () => plain,
  };

  it('counts errors of a logger and of its children for a minute, and writes every line', () => {
    let nowMs = 0;
    const watch = new ErrorWatch(() => nowMs);
    const logger = watch.watch(plain);
    for (const level of ['debug', 'info', 'warn'] as const) logger[level]({}, 'a');
    assert.equal(watch.recent(), null);
    logger.error({}, 'b');
    assert.equal(watch.recent(), '1 error in the last 60 s; see the log');
    nowMs = 30_000;
    logger.child({ role: 'origin' }).child({}).error({}, 'c');
    assert.equal(watch.recent(), '2 errors in the last 60 s; see the log');
    nowMs = 60_000;
    assert.equal(watch.recent(), '1 error in the last 60 s; see the log');
    nowMs = 90_000;
    assert.equal(watch.recent(), null);
    assert.deepEqual(lines, ['debug a', 'info a', 'warn a', 'error b', 'error c']);
  });
});
