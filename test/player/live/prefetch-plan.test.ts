import assert from 'node:assert/strict';
import { planPrefetch } from '../../../player/live/prefetch-plan.ts';

describe('what to fetch on joining (RFC 8216bis §4.4.4.9, §4.4.5.3)', () => {
  const part = (uri: string, independent = false) =>
    `#EXT-X-PART:DURATION=0.200,URI="${uri}"${independent ? ',INDEPENDENT=YES' : ''}`;
  const text = [
    '#EXTM3U',
    '#EXT-X-PART-INF:PART-TARGET=0.200',
    '#EXT-X-MAP:URI="init-1.mp4"',
    part('7.0', true),
    part('7.1'),
    '#EXTINF:0.4,',
    '7.m4s',
    part('8.0', true),
    part('8.1'),
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.2"',
  ].join('\n');
  const cases = [
    { name: 'from the start of the open segment', holdMs: 350, parts: ['8.0', '8.1'] },
    {
      name: 'from the segment before, when the start lies there',
      holdMs: 450,
      parts: ['7.0', '7.1', '8.0', '8.1'],
    },
    { name: 'all there is, when it does not reach', holdMs: 9000, parts: ['7.0', '7.1', '8.0', '8.1'] },
  ];
  for (const { name, holdMs, parts } of cases) {
    it(name, () => {
      const plan = planPrefetch(text, () => holdMs);
      const newest = ['7.0', '7.1', '8.0', '8.1'];
      assert.deepEqual(plan, { partTargetMs: 200, init: 'init-1.mp4', parts, newest, hint: '8.2' });
    });
  }
  it('nothing, where it does not understand', () => {
    assert.deepEqual(
      planPrefetch('<html>', () => 1),
      { partTargetMs: 0, init: null, parts: [], newest: [], hint: null },
    );
  });

  const partsOf = (lines: readonly string[]) => planPrefetch(lines.join('\n'), () => 1e9);

  it('no part with a byte range: it is not a file of its own', () => {
    const { parts } = partsOf([
      '#EXT-X-PART:DURATION=0.2,URI="1.0",BYTERANGE="100@0"',
      '#EXT-X-PART:DURATION=0.2,URI="1.1",INDEPENDENT=YES',
    ]);
    assert.deepEqual(parts, ['1.1']);
  });

  it('no more than 24 parts, whatever the playlist lists', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `#EXT-X-PART:DURATION=0.2,URI="${i}"`);
    const { parts } = partsOf(lines);
    assert.deepEqual([parts.length, parts.at(-1)], [24, '99']);
  });

  it('no hint of an init segment', () => {
    assert.equal(partsOf(['#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="init-2.mp4"']).hint, null);
  });
});
