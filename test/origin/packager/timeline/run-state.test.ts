import assert from 'node:assert/strict';
import type { RunState } from '../../../../origin/packager/media.ts';
import { endsWhileOffAir, stateOfRun } from '../../../../origin/packager/timeline/run-state.ts';

const onAir = { firstNumber: 1, group: 'live.b1', broadcast: 'b1', state: 'on-air' as const };
const over = { ...onAir, group: 'slate', broadcast: '', state: 'over' as const };
type Case = {
  name: string;
  kind: string;
  runs?: Parameters<typeof stateOfRun>[1];
  feeds?: Parameters<typeof stateOfRun>[2];
  want: RunState;
};
const interrupted = { ...over, state: 'interrupted' as const };
const announcement = { ...over, group: 'emergency', state: 'announcement' as const };
const cases: Case[] = [
  { name: 'a live feed', kind: 'live', runs: [over], want: 'on-air' },
  { name: 'an announcement', kind: 'emergency', want: 'announcement' },
  { name: 'a recorded lesson', kind: 'replay', want: 'recorded' },
  { name: 'the first slate', kind: 'slate', want: 'before' },
  { name: 'a slate behind another', kind: 'slate', runs: [over], want: 'before' },
  {
    name: 'a slate behind a broadcast that said it is over',
    kind: 'slate',
    runs: [onAir],
    feeds: [{ broadcast: 'b1', ending: 'over' }],
    want: 'over',
  },
  {
    name: 'a slate behind one whose line dropped',
    kind: 'slate',
    runs: [onAir],
    feeds: [{ broadcast: 'b1', ending: null }],
    want: 'interrupted',
  },
  {
    name: 'a slate, where another broadcast is over',
    kind: 'slate',
    runs: [onAir],
    feeds: [
      { broadcast: 'b0', ending: 'over' },
      { broadcast: 'b1', ending: 'interrupted' },
    ],
    want: 'interrupted',
  },
  {
    name: 'a slate behind an announcement in a class whose line dropped meanwhile',
    kind: 'slate',
    runs: [onAir, announcement],
    feeds: [{ broadcast: 'b1', ending: 'interrupted' }],
    want: 'interrupted',
  },
  {
    name: 'a slate behind an announcement in a class that was ended meanwhile',
    kind: 'slate',
    runs: [onAir, interrupted, announcement],
    feeds: [{ broadcast: 'b1', ending: 'over' }],
    want: 'over',
  },
  {
    name: 'a slate behind an announcement after a class',
    kind: 'slate',
    runs: [onAir, over, announcement],
    feeds: [{ broadcast: 'b1', ending: 'over' }],
    want: 'before',
  },
];

describe('what a run means to viewers', () => {
  for (const { name, kind, runs = [], feeds = [], want } of cases) {
    it(`${name}: ${want}`, () => {
      assert.equal(stateOfRun({ kind }, runs, feeds), want);
    });
  }

  const ends: { name: string; runs: Case['runs']; ending: 'over' | 'interrupted' | null; want: boolean }[] = [
    { name: 'ended while the slate was up', runs: [onAir, interrupted], ending: 'over', want: true },
    { name: 'whose line dropped then', runs: [onAir, interrupted], ending: 'interrupted', want: false },
    { name: 'that may come back', runs: [onAir, interrupted], ending: null, want: false },
    { name: 'that is over already', runs: [onAir, over], ending: 'over', want: false },
    { name: 'on air', runs: [onAir], ending: 'over', want: false },
  ];
  for (const { name, runs = [], ending, want } of ends) {
    it(`a class ${name}: the slate ${want ? 'means something else now' : 'goes on'}`, () => {
      assert.equal(endsWhileOffAir(runs, [{ broadcast: 'b1', ending }]), want);
    });
  }
});
