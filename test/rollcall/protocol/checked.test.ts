import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkText, isFiniteNumber, isRecord } from '../../../rollcall/protocol/checked.ts';

describe('a line of text', () => {
  const taken: readonly { readonly name: string; readonly input: string; readonly want?: string }[] = [
    { name: 'a word', input: 'here' },
    { name: 'Chinese', input: '谁来了？' },
    { name: 'white space at its ends, which is taken off', input: ' \t\u3000here\n', want: 'here' },
    { name: 'letters and accents apart, which are composed', input: 'e\u0301', want: '\u00e9' },
    { name: 'what NFC takes apart', input: '\u0958', want: '\u0915\u093c' },
    { name: 'an emoji of a pair of surrogates', input: '👍' },
    { name: 'a family, with joiners', input: '👨‍👩‍👧' },
    { name: 'exactly as many as it may have', input: '一'.repeat(20) },
    {
      name: 'as many as it may have, once it is composed',
      input: 'e\u0301'.repeat(20),
      want: 'é'.repeat(20),
    },
    { name: 'marks that only hint at a direction', input: 'a\u200eb' },
  ];
  for (const { name, input, want } of taken) {
    it(`takes ${name}`, () =>
      assert.deepEqual(checkText('prompt', input, 20), { ok: true, value: want ?? input }));
  }

  const refused: readonly { readonly name: string; readonly input: unknown; readonly why: RegExp }[] = [
    { name: 'a number', input: 1, why: /^prompt: want text$/ },
    { name: 'null', input: null, why: /want text/ },
    { name: 'nothing at all', input: undefined, why: /want text/ },
    { name: 'an object that would be text', input: { toString: () => 'here' }, why: /want text/ },
    { name: 'an empty text', input: '', why: /^prompt: empty$/ },
    { name: 'white space alone', input: ' \u00a0\u3000\ufeff', why: /empty/ },
    { name: 'a zero width space alone', input: '\u200b', why: /no visible character/ },
    {
      name: 'fillers and joiners alone',
      input: '\u3164 \u200d\ufe0f\u3164',
      why: /no visible character/,
    },
    {
      name: 'one character too many',
      input: '一'.repeat(21),
      why: /^prompt: 21 characters, want at most 20$/,
    },
    { name: 'what NFC makes too long', input: '\u0958'.repeat(11), why: /22 characters/ },
    { name: 'far too many, before they are composed', input: 'e\u0301'.repeat(41), why: /82 characters/ },
    ...[
      '\u0000',
      '\u0007',
      '\n',
      '\r',
      '\t',
      '\u001b',
      '\u001f',
      '\u007f',
      '\u0080',
      '\u009f',
      '\u2028',
      '\u2029',
    ].map((input) => ({
      name: `the control character ${JSON.stringify(input)} ${input.codePointAt(0)?.toString(16)}`,
      input: `a${input}b`,
      why: /^prompt: has a control character$/,
    })),
    ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'].map(
      (input) => ({
        name: `${input.codePointAt(0)?.toString(16)}, which turns the direction`,
        input: `a${input}b`,
        why: /control character/,
      }),
    ),
    { name: 'a high surrogate alone', input: 'a\ud83db', why: /control character/ },
    { name: 'a high surrogate at the end', input: 'a\ud83d', why: /control character/ },
    { name: 'a low surrogate alone', input: 'a\udc4db', why: /control character/ },
    { name: 'a low surrogate at the beginning', input: '\udc4db', why: /control character/ },
    { name: 'surrogates the wrong way round', input: '\udc4d\ud83d', why: /control character/ },
    { name: 'a pair and one more', input: '👍\udc4d', why: /control character/ },
  ];
  for (const { name, input, why } of refused) {
    it(`refuses ${name}`, () => {
      const checked = checkText('prompt', input, 20);
      assert.ok(!checked.ok);
      assert.match(checked.reason, why);
    });
  }

  it('is taken as it is, once it was taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const checked = checkText('prompt', text, 20);
        if (!checked.ok) return;
        assert.deepEqual(checkText('prompt', checked.value, 20), checked);
        assert.ok(checked.value.length >= 1 && checked.value.length <= 20);
        // encodeURIComponent throws at a lone surrogate.
        assert.ok(encodeURIComponent(checked.value) !== '');
      }),
    );
  });

  it('is taken or refused in one line, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.nat(300), (value, maxLength) => {
        const checked = checkText('prompt', value, maxLength);
        if (!checked.ok) assert.match(checked.reason, /^prompt: [^\n]+$/);
      }),
    );
  });
});

describe('kinds of values', () => {
  const table = [
    { name: 'an object', input: {}, record: true, finite: false },
    {
      name: 'an object without a prototype',
      input: Object.create(null) as unknown,
      record: true,
      finite: false,
    },
    { name: 'a list', input: [], record: false, finite: false },
    { name: 'null', input: null, record: false, finite: false },
    { name: 'a text', input: '1', record: false, finite: false },
    { name: 'zero', input: 0, record: false, finite: true },
    { name: 'a fraction', input: -1.5, record: false, finite: true },
    { name: 'NaN', input: Number.NaN, record: false, finite: false },
    { name: 'infinity', input: Number.POSITIVE_INFINITY, record: false, finite: false },
  ];
  for (const { name, input, record, finite } of table) {
    it(`${name} is ${record ? 'a' : 'no'} record and ${finite ? 'a' : 'no'} finite number`, () => {
      assert.deepEqual([isRecord(input), isFiniteNumber(input)], [record, finite]);
    });
  }
});
