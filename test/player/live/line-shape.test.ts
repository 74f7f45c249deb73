import assert from 'node:assert/strict';
import { LineShape, type Loading, requestsAtOnce, tuningOf } from '../../../player/live/line-shape.ts';

describe('parts, or whole segments', () => {
  const cases: {
    name: string;
    protocol: string;
    roundTripMs: number;
    partMs: number;
    want: Loading['way'];
  }[] = [
    { name: 'near, fast', protocol: 'http/1.1', roundTripMs: 20, partMs: 200, want: 'parts' },
    { name: 'another city, fast', protocol: 'http/1.1', roundTripMs: 120, partMs: 200, want: 'parts' },
    { name: 'abroad, fast', protocol: 'http/1.1', roundTripMs: 300, partMs: 200, want: 'segments' },
    { name: 'a satellite, fast', protocol: 'http/1.1', roundTripMs: 800, partMs: 200, want: 'segments' },
    { name: 'abroad, steady', protocol: 'http/1.1', roundTripMs: 300, partMs: 400, want: 'parts' },
    { name: 'a satellite, broad', protocol: 'http/1.1', roundTripMs: 800, partMs: 800, want: 'parts' },
    { name: 'a satellite, many connections', protocol: 'h2', roundTripMs: 800, partMs: 200, want: 'parts' },
    { name: 'a playlist without parts', protocol: 'http/1.1', roundTripMs: 800, partMs: 0, want: 'parts' },
  ];
  for (const { name, protocol, roundTripMs, partMs, want } of cases) {
    it(name, () => {
      const line = new LineShape(protocol);
      line.measured(roundTripMs);
      assert.equal(line.loading(partMs, 0).way, want);
    });
  }

  it('a line at the limit does not change to and fro', () => {
    const line = new LineShape('http/1.1');
    line.measured(220);
    assert.equal(line.loading(200, 0).way, 'segments');
    line.measured(180);
    assert.equal(line.loading(200, 1000).way, 'segments');
    line.measured(60);
    assert.equal(line.loading(200, 2000).way, 'parts');
  });

  it('other tabs that use up the connections have whole segments loaded for a while, and no playlist wait', () => {
    const line = new LineShape('http/1.1');
    line.measured(5);
    for (let i = 0; i < 80; i++) line.queued(i % 3 === 0 ? 0 : 350);
    assert.equal(line.loading(200, 0).way, 'polled');
    assert.equal(line.loading(200, 119_000).way, 'polled');
    assert.equal(line.loading(200, 121_000).way, 'parts');
  });

  it('a few requests that waited say nothing', () => {
    const line = new LineShape('http/1.1');
    for (let i = 0; i < 100; i++) line.queued(i % 4 === 0 ? 350 : 0);
    assert.equal(line.loading(200, 0).way, 'parts');
  });

  it('requests that waited while the page itself was busy say nothing', () => {
    const line = new LineShape('http/1.1');
    assert.equal(line.loading(200, 0).way, 'parts');
    for (let i = 0; i < 80; i++) line.queued(350);
    assert.equal(line.loading(200, 2000).way, 'parts');
    assert.equal(line.loading(200, 2250).way, 'parts');
    for (let i = 0; i < 80; i++) line.queued(350);
    assert.equal(line.loading(200, 2500).way, 'polled');
  });

  it('other tabs on a long way: their connections count for more', () => {
    const line = new LineShape('http/1.1');
    line.measured(300);
    assert.equal(line.loading(200, 0).way, 'segments');
    for (let i = 0; i < 80; i++) line.queued(350);
    assert.equal(line.loading(200, 250).way, 'polled');
    let nowMs = 250;
    while (nowMs < 125_000) line.loading(200, (nowMs += 250));
    assert.equal(line.loading(200, nowMs).way, 'segments');
  });

  it('goes by the round trip that decided, and not by each that follows', () => {
    const line = new LineShape('http/1.1');
    line.measured(300);
    const loading = line.loading(200, 0);
    assert.deepEqual(loading, { way: 'segments', roundTripMs: 300 });
    line.measured(340);
    assert.equal(line.loading(200, 250), loading);
  });

  const tunings: { name: string; loading: Loading; want: { partTargetMs: number; startHoldMs: number } }[] = [
    {
      name: 'parts',
      loading: { way: 'parts', roundTripMs: 20 },
      want: { partTargetMs: 200, startHoldMs: 200 },
    },
    // A segment, a round trip, and a margin of 0.3 s and a quarter of one.
    {
      name: 'segments, abroad',
      loading: { way: 'segments', roundTripMs: 300 },
      want: { partTargetMs: 1600, startHoldMs: 2275 },
    },
    {
      name: 'segments, by satellite',
      loading: { way: 'segments', roundTripMs: 800 },
      want: { partTargetMs: 1600, startHoldMs: 2900 },
    },
    {
      name: 'polled',
      loading: { way: 'polled', roundTripMs: 300 },
      want: { partTargetMs: 1600, startHoldMs: 3200 },
    },
  ];
  for (const { name, loading, want } of tunings) {
    it(`is played so far from the end of the playlist: ${name}`, () => {
      const { partTargetMs, startHoldMs } = tuningOf(loading, 200);
      assert.deepEqual({ partTargetMs, startHoldMs }, want);
    });
  }

  it('needs the more connections the longer the way and the shorter the parts', () => {
    assert.equal(requestsAtOnce(300, 200), 6);
    assert.ok(requestsAtOnce(300, 400) < requestsAtOnce(300, 200));
    assert.ok(requestsAtOnce(800, 200) > requestsAtOnce(300, 200));
  });
});
