import assert from 'node:assert/strict';
import { AppError, describeError } from '../../shared/errors.ts';

describe('describeError', () => {
  const table: readonly { name: string; input: unknown; want: string }[] = [
    { name: 'an error', input: new Error('a'), want: 'a' },
    {
      name: 'its causes in order',
      input: new Error('a', { cause: new Error('b', { cause: 'c' }) }),
      want: 'a: b: c',
    },
    {
      name: 'one of ours',
      input: new AppError('a', { code: 'not-found', cause: new Error('b') }),
      want: 'a: b',
    },
    { name: 'text', input: 'a', want: 'a' },
    { name: 'an object, without what is in it', input: { secret: 1 }, want: 'a thrown object' },
  ];
  for (const { name, input, want } of table) it(name, () => assert.equal(describeError(input), want));

  it('ends where causes go round', () => {
    const error = new Error('a');
    error.cause = error;
    assert.equal(describeError(error), 'a: a: a: a: a');
  });
});

describe('AppError', () => {
  it('carries the name of its kind, its code, and status 500 unless told', () => {
    class CmafishError extends AppError {}
    const error = new CmafishError('x', { code: 'bad-cmaf' });
    assert.deepEqual([error.name, error.code, error.status], ['CmafishError', 'bad-cmaf', 500]);
    assert.equal('cause' in error, false);
  });
});
