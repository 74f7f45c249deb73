import assert from 'node:assert/strict';
import { Denials, type Verdict } from '../../player/channel/denials.ts';

type Kind = Parameters<Denials['judge']>[0];

describe('an API that denies a channel', () => {
  const table: { name: string; answers: Kind[]; want: Verdict[] }[] = [
    { name: 'is believed at once when the page opens', answers: ['not-found'], want: ['stop'] },
    {
      name: 'is believed at the third time once the channel was there',
      answers: ['ok', 'not-found', 'forbidden', 'not-found'],
      want: ['go-on', 'ask-again', 'ask-again', 'stop'],
    },
    {
      name: 'starts anew after a good answer',
      answers: ['ok', 'not-found', 'not-found', 'ok', 'not-found'],
      want: ['go-on', 'ask-again', 'ask-again', 'go-on', 'ask-again'],
    },
    {
      name: 'says nothing while it cannot be reached',
      answers: ['unreachable', 'ok', 'unreachable', 'unreachable', 'unreachable', 'not-found'],
      want: ['ask-again', 'go-on', 'ask-again', 'ask-again', 'ask-again', 'ask-again'],
    },
  ];
  for (const { name, answers, want } of table) {
    it(name, () => {
      const denials = new Denials();
      assert.deepEqual(
        answers.map((answer) => denials.judge(answer)),
        want,
      );
    });
  }
});
