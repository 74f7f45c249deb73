import { deepEqual, equal } from 'node:assert/strict';
import { AnswerBook } from '../../../rollcall/ledger/answer-book.ts';
import { type Answer, REACTION_BINS, reactionBin } from '../../../rollcall/ledger/ledger.ts';
import { makeAnswer, makeCall } from './ledger.contract.ts';

const CALL = makeCall();
const answer = (sub: string, change: Partial<Answer> = {}): Answer =>
  makeAnswer(CALL, sub, { answerId: `answer-${sub}`, ...change });

describe('the answers of a call in memory', () => {
  it('tell a retry, a second answer and the answer id of another student apart', () => {
    const book = new AnswerBook();
    const first = answer('li');
    equal(book.existing(first), null);
    book.add(first);
    deepEqual(book.existing(first), { kind: 'stands', answer: first });
    deepEqual(book.existing(answer('li', { answerId: 'another-1' })), { kind: 'duplicate', answer: first });
    deepEqual(book.existing(answer('han', { answerId: first.answerId })), { kind: 'id-taken' });
  });

  it('are the first of each student', () => {
    const book = new AnswerBook();
    book.add(answer('li', { status: 'present' }));
    book.add(answer('li', { status: 'late', answerId: 'another-1' }));
    const { present, late } = book.counts(0);
    deepEqual([present, late, book.inOrder.length], [1, 0, 1]);
  });

  it('count values and reaction times of present and late answers, not of replays', () => {
    const book = new AnswerBook();
    book.add(answer('a', { status: 'present', value: 1, reactionMs: 999 }));
    book.add(answer('b', { status: 'late', value: 1, reactionMs: 1000 }));
    book.add(answer('c', { status: 'replay', value: 1, reactionMs: 0 }));
    const { replay, values, reactions } = book.counts(0);
    deepEqual([replay, [...values]], [1, [[1, 2]]]);
    deepEqual([reactions[9], reactions[10], reactions[0]], [1, 1, 0]);
  });

  it('count at most 200 different values, and each of those without an end', () => {
    const book = new AnswerBook();
    for (let i = 0; i < 250; i++) book.add(answer(`s${i}`, { value: i }));
    for (let i = 0; i < 3; i++) book.add(answer(`t${i}`, { value: 0 }));
    const { values } = book.counts(0);
    deepEqual([values.size, values.get(0), values.get(199), values.has(200)], [200, 4, 1, false]);
  });

  it('put everything slower than a minute into the last bin', () => {
    deepEqual([0, 99, 100, 59_999, 60_000, 3_600_000].map(reactionBin), [0, 0, 1, 599, 600, 600]);
    equal(reactionBin(3_600_000), REACTION_BINS - 1);
  });
});
