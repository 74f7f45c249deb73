import { deepEqual, equal } from 'node:assert/strict';
import { tallyFrame } from '../../../rollcall/gateway/tally.ts';
import { type Answer, type Counts, REACTION_BINS } from '../../../rollcall/ledger/ledger.ts';
import type { TallyFrame } from '../../../rollcall/protocol/frames.ts';
import { RosterIndex } from '../../../rollcall/roster/roster-index.ts';

const bins = (...filled: (readonly [bin: number, count: number])[]): number[] => {
  const reactions = Array.from({ length: REACTION_BINS }, () => 0);
  for (const [bin, count] of filled) reactions[bin] = count;
  return reactions;
};
const tally = (counts: Partial<Counts>, rosterSize = 0, changed: readonly Answer[] = []): TallyFrame => {
  const none = {
    present: 0,
    late: 0,
    replay: 0,
    listed: { present: 0, late: 0, replay: 0 },
    onRoster: 0,
    asked: 0,
  };
  const all = { ...none, values: new Map<number, number>(), reactions: bins(), ...counts };
  const entries = Array.from({ length: rosterSize }, (_, i) => ({
    id: `${i}`,
    name: `Student ${i}`,
    group: '',
  }));
  return tallyFrame('c1', all, new RosterIndex(entries), 7, changed);
};

describe('a tally', () => {
  for (const { name, counts, rosterSize, want } of [
    {
      name: 'with a class list counts its entries, and apart from them who is not on it',
      counts: { present: 3, late: 1, listed: { present: 1, late: 1, replay: 0 }, asked: 9 },
      ...{ rosterSize: 5, want: [1, 1, 0, 3, 5, 2] },
    },
    {
      name: 'counts strangers apart who answer alone',
      counts: { present: 1, asked: 1 },
      ...{ rosterSize: 3, want: [0, 0, 0, 3, 3, 1] },
    },
    {
      name: 'counts who watched later neither as present nor as absent',
      counts: { present: 1, replay: 2, listed: { present: 1, late: 0, replay: 1 } },
      ...{ rosterSize: 3, want: [1, 0, 1, 1, 3, 1] },
    },
    {
      name: 'without a class list counts the students who were asked, and has no strangers',
      counts: { present: 3, late: 1, replay: 1, asked: 9 },
      ...{ rosterSize: 0, want: [3, 1, 1, 4, 9, 0] },
    },
    {
      name: 'counts students who answered and are not recorded as asked',
      ...{ counts: { present: 3, asked: 1 }, rosterSize: 0, want: [3, 0, 0, 0, 3, 0] },
    },
    {
      name: 'has those in the total who were on a longer list',
      counts: { present: 3, listed: { present: 3, late: 0, replay: 0 } },
      ...{ rosterSize: 2, want: [3, 0, 0, 0, 3, 0] },
    },
  ]) {
    it(name, () => {
      const { present, late, replay, absent, total, strangers } = tally(counts, rosterSize);
      deepEqual([present, late, replay, absent, total, strangers], want);
      equal(present + late + replay + absent, total);
    });
  }

  it('gives the reaction times of half and of nine tenths, as the ends of their bins', () => {
    const { reactionP50Ms, reactionP90Ms } = tally({ reactions: bins([3, 5], [9, 4], [20, 1]) });
    deepEqual([reactionP50Ms, reactionP90Ms], [400, 1000]);
    deepEqual([tally({}).reactionP50Ms, tally({}).reactionP90Ms], [null, null]);
  });

  it('names the twenty most frequent values in their order, smaller ones first among equals', () => {
    const values = new Map(Array.from({ length: 30 }, (_, i) => [30 - i, i === 0 ? 9 : 1]));
    deepEqual(
      tally({ values }).values.map(({ value }) => value),
      [...Array.from({ length: 19 }, (_, i) => i + 1), 30],
    );
  });

  it('names the thirty newest answers', () => {
    const answer: Answer = {
      ...{ callId: 'c1', channel: 'hall-7', sub: '', name: 'x', rosterId: null, answerId: 'a', value: null },
      ...{
        status: 'present',
        reactionMs: 1,
        tapProgramTimeMs: 0,
        latencyMs: 0,
        stalled: false,
        receivedMs: 0,
      },
    };
    const changed = Array.from({ length: 31 }, (_, i) => ({ ...answer, sub: `s${i}` }));
    const named = tally({}, 0, changed).changed;
    deepEqual(named[0], { sub: 's1', name: 'x', status: 'present', value: null, reactionMs: 1 });
    equal(named.length, 30);
  });

  it('names the class of those alone who share their names', () => {
    const roster = new RosterIndex([
      { id: '1', name: '王芳', group: '7-1' },
      { id: '2', name: '王芳', group: '7-2' },
      { id: '3', name: '李雷', group: '7-1' },
    ]);
    const answers = [
      { sub: '1', name: '王芳' },
      { sub: 'guest-1', name: '王芳 7-2' },
      { sub: 'guest-2', name: '王芳' },
      { sub: '3', name: '李雷' },
    ].map((who): Answer => {
      const answer = {
        rosterId: null,
        callId: 'c1',
        answerId: who.sub,
        status: 'present',
        value: null,
      } as const;
      const times = { tapProgramTimeMs: 1, latencyMs: 1, reactionMs: 1, receivedMs: 1 };
      return { ...answer, ...who, ...times, channel: 'hall-7', stalled: false };
    });
    const none = {
      present: 4,
      late: 0,
      replay: 0,
      listed: { present: 3, late: 0, replay: 0 },
      onRoster: 3,
      asked: 4,
    };
    const counts = { ...none, values: new Map<number, number>(), reactions: bins() };
    const { changed } = tallyFrame('c1', counts, roster, 4, answers);
    deepEqual(
      changed.map(({ beside }) => beside),
      ['7-1', '7-2', undefined, undefined],
    );
  });
});
