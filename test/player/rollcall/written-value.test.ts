import { equal } from 'node:assert/strict';
import { nameOf } from '../../../player/rollcall/identity.ts';
import { lineOf, numberOf } from '../../../player/rollcall/written-value.ts';

describe('what a student writes', () => {
  for (const [text, want] of [
    ['12', 12],
    [' 12 ', 12],
    ['１２', 12],
    ['-3', -3],
    ['−3', -3],
    ['3.5', 3.5],
    ['3,5', 3.5],
    ['1,000', 1000],
    ['1,234,567.5', 1_234_567.5],
    ['12,34', 12.34],
    ['0,125', 0.125],
    ['3、4', null],
    ['.5', 0.5],
    ['', null],
    ['twelve', null],
    ['0x10', null],
    ['1e3', null],
    ['Infinity', null],
    ['1,2,3', null],
    ['99999999999999999999', null],
  ] as const) {
    it(`${JSON.stringify(text)} is ${want === null ? 'no number' : `the number ${want}`}`, () =>
      equal(numberOf(text), want));
  }

  it('is one line of text, as the gateway takes it', () => {
    equal(lineOf('  e\u0301tang '), 'étang');
    for (const bad of ['', '  ', 'a\u202eb', 'x'.repeat(201)]) equal(lineOf(bad), null);
  });

  it('is a name, or none', () => {
    equal(nameOf(' 李雷 '), '李雷');
    for (const bad of [null, '', ' ', 'a\nb', 'x'.repeat(61)]) equal(nameOf(bad), null);
  });
});
