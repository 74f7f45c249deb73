import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Candidate, decideSegment } from '../../../../origin/packager/splicer/splicer.ts';

const feed = (
  id: string,
  priority: number,
  coverage: Candidate['coverage'],
  more: Partial<Candidate> = {},
): Candidate => ({
  id,
  group: id,
  priority,
  alive: true,
  connected: true,
  coverage,
  ...more,
});
const slate = feed('slate', 0, 'has');

describe('splicer: the feed with the highest priority that is alive and can carry the segment', () => {
  const table: readonly { name: string; candidates: Candidate[]; onAir?: string; want: string }[] = [
    { name: 'the slate alone', candidates: [slate], want: 'slate' },
    { name: 'a class goes before the slate', candidates: [slate, feed('live', 50, 'has')], want: 'live' },
    {
      name: 'an announcement goes before a class',
      candidates: [feed('live', 50, 'has'), feed('alarm', 100, 'has')],
      want: 'alarm',
    },
    {
      name: 'a class that may still deliver is waited for',
      candidates: [slate, feed('live', 50, 'may')],
      want: 'wait',
    },
    {
      name: 'a class that begins later is not',
      candidates: [slate, feed('live', 50, 'never')],
      want: 'slate',
    },
    {
      name: 'a dead class is not waited for',
      candidates: [slate, feed('live', 50, 'may', { alive: false })],
      want: 'slate',
    },
    {
      name: 'what a dead class delivered is shown',
      candidates: [slate, feed('live', 50, 'has', { alive: false })],
      want: 'live',
    },
    {
      name: 'a lower feed that has it does not push in',
      candidates: [feed('replay', 20, 'has'), feed('live', 50, 'may')],
      want: 'wait',
    },
    { name: 'nobody has it yet', candidates: [feed('slate', 0, 'may')], want: 'wait' },
    { name: 'nobody at all', candidates: [], want: 'wait' },
    {
      name: 'a twin that has it spares the wait',
      candidates: [slate, feed('a', 50, 'may', { group: 'g' }), feed('b', 50, 'has', { group: 'g' })],
      onAir: 'a',
      want: 'b',
    },
    {
      name: 'among twins the one on air stays',
      candidates: [feed('a', 50, 'has', { group: 'g' }), feed('b', 50, 'has', { group: 'g' })],
      onAir: 'b',
      want: 'b',
    },
    {
      name: 'a twin with a line goes before one on air without',
      candidates: [
        feed('a', 50, 'has', { group: 'g' }),
        feed('b', 50, 'has', { group: 'g', connected: false }),
      ],
      onAir: 'b',
      want: 'a',
    },
    {
      name: 'of two classes of one priority the one on air stays',
      candidates: [feed('a', 50, 'has'), feed('b', 50, 'has')],
      onAir: 'b',
      want: 'b',
    },
  ];
  for (const { name, candidates, onAir, want } of table) {
    it(name, () => {
      const before = candidates.find(({ id }) => id === onAir);
      const decision = decideSegment(candidates, before ?? null);
      assert.equal(decision.kind === 'feed' ? decision.id : 'wait', want);
    });
  }

  it('stays with the group on air where its feed is not known, as after a restart, even if another feed is connected', () => {
    const candidates = [feed('a', 50, 'has'), feed('b', 50, 'has', { connected: false })];
    assert.deepEqual(decideSegment(candidates, { id: '', group: 'b' }), { kind: 'feed', id: 'b' });
  });

  it('does not depend on the order in which feeds are listed', () => {
    const candidate = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      group: fc.constantFrom('g', 'h'),
      priority: fc.constantFrom(0, 20, 50),
      alive: fc.boolean(),
      connected: fc.boolean(),
      coverage: fc.constantFrom<Candidate['coverage']>('has', 'may', 'never'),
    });
    const lists = fc.uniqueArray(candidate, { selector: ({ id }) => id });
    fc.assert(
      fc.property(
        lists,
        fc.constantFrom({ id: 'a', group: 'g' }, { id: '', group: 'h' }, null),
        (list, onAir) => {
          assert.deepEqual(decideSegment(list, onAir), decideSegment(list.toReversed(), onAir));
        },
      ),
    );
  });
});
