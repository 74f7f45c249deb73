import assert from 'node:assert/strict';
import type { RunState } from '../../../../origin/packager/media.ts';
import { stateOfRun } from '../../../../origin/packager/timeline/run-state.ts';

const onAir = { firstNumber: 1, group: 'live.b1', broadcast: 'b1', state: 'on-air' as const };
const over = { ...onAir, group: 'slate', broadcast: '', state: 'over' as const };
type Case = {
  name: string;
  kind: string;
  last?: Parameters<typeof stateOfRun>[1];
  feeds?: Parameters<typeof stateOfRun>[2];
  want: RunState;
};
const cases: Case[] = [
  { name: 'a live feed', kind: 'live', last: over, want: 'on-air' },
  { name: 'an announcement', kind: 'emergency', want: 'announcement' },
  { name: 'a recorded lesson', kind: 'replay', want: 'recorded' },
  { name: 'the first slate', kind: 'slate', want: 'before' },
  { name: 'a slate behind another', kind: 'slate', last: over, want: 'before' },
  {
    name: 'a slate behind a broadcast that said it is over',
    kind: 'slate',
    last: onAir,
    feeds: [{ broadcast: 'b1', ending: 'over' }],
    want: 'over',
  },
  {
    name: 'a slate behind one whose line dropped',
    kind: 'slate',
    last: onAir,
    feeds: [{ broadcast: 'b1', ending: null }],
    want: 'interrupted',
  },
  {
    name: 'a slate, where another broadcast is over',
    kind: 'slate',
    last: onAir,
    feeds: [
      { broadcast: 'b0', ending: 'over' },
      { broadcast: 'b1', ending: 'interrupted' },
    ],
    want: 'interrupted',
  },
];

describe('what a run means to viewers', () => {
  for (const { name, kind, last, feeds = [], want } of cases) {
    it(`${name}: ${want}`, () => {
      assert.equal(stateOfRun({ kind }, last, feeds), want);
    });
  }
});
