import assert from 'node:assert/strict';
import { LineShape, requestsAtOnce } from '../../../player/live/line-shape.ts';

describe('parts, or whole segments', () => {
  const cases: { name: string; protocol: string; roundTripMs: number; partMs: number; want: boolean }[] = [
    { name: 'near, fast', protocol: 'http/1.1', roundTripMs: 20, partMs: 200, want: false },
    { name: 'another city, fast', protocol: 'http/1.1', roundTripMs: 120, partMs: 200, want: false },
    { name: 'abroad, fast', protocol: 'http/1.1', roundTripMs: 300, partMs: 200, want: true },
    { name: 'a satellite, fast', protocol: 'http/1.1', roundTripMs: 800, partMs: 200, want: true },
    { name: 'abroad, steady', protocol: 'http/1.1', roundTripMs: 300, partMs: 400, want: false },
    { name: 'a satellite, broad', protocol: 'http/1.1', roundTripMs: 800, partMs: 800, want: false },
    { name: 'a satellite, many connections', protocol: 'h2', roundTripMs: 800, partMs: 200, want: false },
    { name: 'a playlist without parts', protocol: 'http/1.1', roundTripMs: 800, partMs: 0, want: false },
  ];
  for (const { name, protocol, roundTripMs, partMs, want } of cases) {
    it(name, () => {
      const line = new LineShape(protocol);
      line.measured(roundTripMs);
      assert.equal(line.isWhole(partMs, 0), want);
    });
  }

  it('a line at the limit does not change to and fro', () => {
    const line = new LineShape('http/1.1');
    line.measured(220);
    assert.equal(line.isWhole(200, 0), true);
    line.measured(180);
    assert.equal(line.isWhole(200, 1000), true);
    line.measured(60);
    assert.equal(line.isWhole(200, 2000), false);
  });

  it('other tabs that use up the connections have whole segments loaded for a while', () => {
    const line = new LineShape('http/1.1');
    line.measured(5);
    for (let i = 0; i < 80; i++) line.queued(i % 3 === 0 ? 0 : 350);
    assert.equal(line.isWhole(200, 0), true);
    assert.equal(line.isWhole(200, 119_000), true);
    assert.equal(line.isWhole(200, 121_000), false);
  });

  it('a few requests that waited say nothing', () => {
    const line = new LineShape('http/1.1');
    for (let i = 0; i < 100; i++) line.queued(i % 4 === 0 ? 350 : 0);
    assert.equal(line.isWhole(200, 0), false);
  });

  it('requests that waited while the page itself was busy say nothing', () => {
    const line = new LineShape('http/1.1');
    assert.equal(line.isWhole(200, 0), false);
    for (let i = 0; i < 80; i++) line.queued(350);
    assert.equal(line.isWhole(200, 2000), false);
    assert.equal(line.isWhole(200, 2250), false);
    for (let i = 0; i < 80; i++) line.queued(350);
    assert.equal(line.isWhole(200, 2500), true);
  });

  it('needs the more connections the longer the way and the shorter the parts', () => {
    assert.equal(requestsAtOnce(300, 200), 6);
    assert.ok(requestsAtOnce(300, 400) < requestsAtOnce(300, 200));
    assert.ok(requestsAtOnce(800, 200) > requestsAtOnce(300, 200));
  });
});
