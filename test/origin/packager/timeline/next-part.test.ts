import assert from 'node:assert/strict';
import type { Part } from '../../../../origin/packager/media.ts';
import { nextPart, type Source } from '../../../../origin/packager/timeline/next-part.ts';
import { FIRST_NUMBER, makeInit, makeSegment } from '../hls/view-fixture.ts';

const init = makeInit('video', 'aa');
const other = makeInit('video', 'bb');
const segmentOf = (count: number, closed = false, of = init) =>
  makeSegment({ init: of, number: FIRST_NUMBER, partsMs: Array<number>(count).fill(200), closed });

/** A source that has `count` parts of the segment. */
function source(
  count: number,
  { closed = false, alive = true, connected = true, of = init, may = true, joinedMs = 0 } = {},
): Source {
  const whole = count === 0 && !closed ? undefined : segmentOf(count, closed, of);
  const later = (part: Part): Part => ({ ...part, startTicks: part.startTicks + joinedMs * 90 });
  const segment = whole && { ...whole, parts: whole.parts.map(later) };
  const track = {
    ...{ name: '720p', init: of, frameRate: 25, captions: [] },
    coverage: () => (count > 0 ? ('has' as const) : may ? ('may' as const) : ('never' as const)),
    segment: () => segment,
  };
  return { track, alive, connected };
}

const dead = { alive: false, connected: false };
const cases: { name: string; sources: Source[]; open: number | null; want: string }[] = [
  { name: 'the part that the feed on air has', sources: [source(3)], open: 2, want: 'part 2' },
  { name: 'its first part', sources: [source(1)], open: null, want: 'part 0' },
  { name: 'nothing, while it may still come', sources: [source(2)], open: 2, want: 'wait' },
  { name: 'nothing, while the segment has not begun', sources: [source(0)], open: null, want: 'wait' },
  {
    name: 'the end, where the feed has closed it',
    sources: [source(2, { closed: true })],
    open: 2,
    want: 'closed',
  },
  { name: 'a loss, where the feed is dead', sources: [source(2, dead)], open: 2, want: 'lost' },
  {
    name: 'a loss, where the feed went past it',
    sources: [source(0, { may: false })],
    open: null,
    want: 'lost',
  },
  {
    name: 'no end of a segment that has not begun',
    sources: [source(0, { closed: true, ...dead })],
    open: null,
    want: 'lost',
  },
  {
    name: 'nothing of a twin that is as far, while the feed on air is well',
    sources: [source(2), source(3)],
    open: 2,
    want: 'wait',
  },
  {
    name: 'the part of a twin that is further ahead',
    sources: [source(2), source(4)],
    open: 2,
    want: 'part 2',
  },
  {
    name: 'the part of a twin, where the feed on air lost its line',
    sources: [source(2, { connected: false }), source(3)],
    open: 2,
    want: 'part 2',
  },
  {
    name: 'nothing of a twin that joined in the middle of the segment',
    sources: [source(2, dead), source(4, { joinedMs: 400 })],
    open: 2,
    want: 'lost',
  },
  {
    name: 'nothing of a twin that is encoded otherwise',
    sources: [source(2, dead), source(4, { of: other })],
    open: 2,
    want: 'lost',
  },
];

describe('what comes next in a segment', () => {
  for (const { name, sources, open, want } of cases) {
    it(`is ${name}`, () => {
      const next = nextPart(sources, FIRST_NUMBER, open === null ? undefined : segmentOf(open));
      assert.equal(next.kind === 'part' ? `part ${next.part.index}` : next.kind, want);
    });
  }
});
