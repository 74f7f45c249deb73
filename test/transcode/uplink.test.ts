import assert from 'node:assert/strict';
import fc from 'fast-check';
import { silentLogger } from '../../shared/logger.ts';
import { mintToken } from '../../shared/token.ts';
import type { TrackChunk } from '../../transcode/tracks/track-writer.ts';
import { ChunkRing } from '../../transcode/uplink/chunk-ring.ts';
import { Uplink } from '../../transcode/uplink/uplink.ts';
import { waitFor } from '../support/wait-for.ts';
import { fakeOrigin, type FakeOrigin } from './support/fake-origin.ts';

const SECRET = 'a secret of sixteen or more';
const INIT = Buffer.from('init|');

function chunk(number: number, isSync = number % 25 === 0, sizeBytes = 8): TrackChunk {
  const bytes = Buffer.from(`${number};`.padStart(sizeBytes, ' '));
  return { init: INIT, bytes, startMs: number * 40, durationMs: 40, isSync };
}

/** Numbers of the chunks in what a connection brought, without those that came twice. */
function numbers(bytes: Buffer): number[] {
  const text = bytes.toString().replaceAll('init|', '');
  return text.split(';').slice(0, -1).map(Number);
}

describe('chunk ring', () => {
  it('keeps the last 30 s, begins with a sync chunk and never exceeds its bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ sync: fc.boolean(), size: fc.integer({ min: 8, max: 400 }) }), {
          maxLength: 200,
        }),
        fc.integer({ min: 100, max: 3000 }),
        fc.integer({ min: 500, max: 20_000 }),
        (made, holdMs, maxBytes) => {
          const ring = new ChunkRing({ holdMs, maxBytes });
          const all = made.map(({ sync, size }, i) => chunk(i, sync || i === 0, size));
          for (const one of all) {
            ring.push(one);
            assert.ok(ring.sizeBytes <= maxBytes || ring.first === ring.end - 1);
            const kept = all.slice(ring.first, ring.end);
            assert.equal(
              ring.sizeBytes,
              kept.reduce((sum, each) => sum + each.bytes.length, 0),
            );
            assert.deepEqual(
              kept.map((_, i) => ring.at(ring.first + i)),
              kept,
            );
            assert.ok(ring.start === ring.end || ring.at(ring.start)?.isSync === true);
            const wanted = all.slice(0, ring.end).filter((each) => each.startMs > one.startMs + 40 - holdMs);
            const bytes = all.slice(0, ring.end).reduce((sum, each) => sum + each.bytes.length, 0);
            if (bytes <= maxBytes) assert.ok(kept.length >= wanted.length, 'nothing is lost within the time');
          }
        },
      ),
    );
  });

  it('drops whole groups, and only when the next one is old enough', () => {
    const ring = new ChunkRing({ holdMs: 1000, maxBytes: 1e6 });
    for (let i = 0; i < 50; i++) ring.push(chunk(i));
    assert.equal(ring.first, 25);
    ring.push(chunk(50));
    assert.equal(ring.first, 25);
    for (let i = 51; i < 75; i++) ring.push(chunk(i));
    assert.equal(ring.first, 50);
    assert.equal(ring.lagMs(50), 1000);
    assert.equal(ring.at(49), undefined);
  });
});

describe('uplink', () => {
  const origins: FakeOrigin[] = [];
  const uplinks: Uplink[] = [];
  let reconnects = 0;

  const origin = async (
    ...args: Parameters<typeof fakeOrigin> extends [string, ...infer R] ? R : never
  ): Promise<FakeOrigin> => {
    const made = await fakeOrigin(SECRET, ...args);
    origins.push(made);
    return made;
  };
  const uplink = (
    urls: readonly string[],
    more: Partial<ConstructorParameters<typeof Uplink>[0]> = {},
  ): Uplink => {
    const made = new Uplink({
      tracks: () => ['720p', 'audio'],
      ...{ origins: urls, channel: 'hall-7', broadcast: 'b1', twin: '', logger: silentLogger },
      token: () =>
        mintToken(SECRET, {
          sub: 't',
          name: 't',
          channel: 'hall-7',
          role: 'encoder',
          exp: Date.now() / 1000 + 60,
        }),
      onBytes: () => {},
      onReconnect: () => reconnects++,
      timing: { firstRetryMs: 5, maxRetryMs: 20, stallMs: 100 },
      ...more,
    });
    uplinks.push(made);
    return made;
  };
  beforeEach(() => {
    reconnects = 0;
  });
  afterEach(async () => {
    for (const each of uplinks.splice(0)) await each.close(null);
    for (const each of origins.splice(0)) await each.close();
  });

  it('ends one track as away after all of it, and opens it again with the next chunk', async () => {
    const one = await origin();
    let tracks = ['720p', 'audio'];
    const link = uplink([one.url], { tracks: () => tracks });
    for (let i = 0; i < 30; i++) link.push('720p', chunk(i));
    link.push('audio', chunk(0));
    const has = (name: string, how: string | null) =>
      one.received.some(({ track, end }) => track === name && end === how);
    await one.until(() => has('720p', null) && has('audio', null));
    tracks = ['audio'];
    link.endTrack('720p');
    await one.until(() => has('720p', 'clean'));
    const ended = one.received.find(({ track }) => track === '720p');
    assert.deepEqual([ended?.ending, numbers(ended?.bytes ?? Buffer.alloc(0)).length], ['away', 30]);
    link.endTrack('720p');
    tracks = ['720p', 'audio'];
    link.push('720p', chunk(100));
    await link.close('over');
    const again = one.received.filter(({ track }) => track === '720p');
    assert.deepEqual(
      again.map(({ ending, tracks }) => [ending, tracks]),
      [
        ['away', '720p,audio'],
        ['over', '720p,audio'],
      ],
    );
    assert.deepEqual(numbers(one.bytesOf('720p')), [100]);
  });

  it('holds back pictures behind the end of a track until the origin knows that it is away, and sound never', async () => {
    let answer: () => void = () => {};
    const knows = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const one = await origin(undefined, 0, knows);
    const link = uplink([one.url], { tracks: () => ['720p', '480p', 'audio'] });
    const push = (track: string, from: number, to: number): void => {
      for (let i = from; i < to; i++) link.push(track, chunk(i));
    };
    for (const track of ['720p', '480p', 'audio']) push(track, 0, 40);
    await one.until(() =>
      ['720p', '480p', 'audio'].every((track) => numbers(one.bytesOf(track)).length === 40),
    );
    link.endTrack('720p');
    push('480p', 40, 50);
    push('audio', 40, 50);
    await one.until(() => numbers(one.bytesOf('audio')).length === 50);
    assert.equal(numbers(one.bytesOf('480p')).length, 40);
    answer();
    await one.until(() => numbers(one.bytesOf('480p')).length === 50);
  });

  it('ends a second track whose pictures wait for the end of the first one to be known', async () => {
    let answer: () => void = () => {};
    const knows = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const one = await origin(undefined, 0, knows);
    const link = uplink([one.url], { tracks: () => ['720p', '480p'] });
    for (const track of ['720p', '480p']) for (let i = 0; i < 10; i++) link.push(track, chunk(i));
    await one.until(() => ['720p', '480p'].every((track) => numbers(one.bytesOf(track)).length === 10));
    link.endTrack('720p');
    for (let i = 10; i < 20; i++) link.push('480p', chunk(i));
    link.endTrack('480p');
    answer();
    await one.until(() => one.received.some(({ track, ending }) => track === '480p' && ending === 'away'));
    assert.equal(numbers(one.bytesOf('480p')).length, 20);
  });

  it('holds them back no longer than it takes to be late', async () => {
    const one = await origin(undefined, 0, new Promise(() => {}));
    const link = uplink([one.url], { tracks: () => ['720p', '480p'] });
    for (const track of ['720p', '480p']) for (let i = 0; i < 10; i++) link.push(track, chunk(i));
    await one.until(() => numbers(one.bytesOf('480p')).length === 10);
    link.endTrack('720p');
    for (let i = 10; i < 20; i++) link.push('480p', chunk(i));
    await one.until(() => numbers(one.bytesOf('480p')).length === 20);
  });

  it('sends init and chunks in order to every origin, and ends the body when the broadcast is over', async () => {
    const [one, two] = [await origin(), await origin()];
    const link = uplink([one.url, two.url]);
    for (let i = 0; i < 30; i++) link.push('720p', chunk(i));
    await link.close('over');
    for (const each of [one, two]) {
      assert.equal(each.received.length, 1);
      assert.equal(each.received[0]?.path, '/ingest/hall-7/live.b1/720p');
      assert.equal(each.received[0]?.end, 'clean');
      assert.ok(each.bytesOf('720p').toString().startsWith('init|'));
      assert.deepEqual(
        numbers(each.bytesOf('720p')),
        Array.from({ length: 30 }, (_, i) => i),
      );
    }
  });

  it('tells origins all tracks at the beginning, and at the end how the broadcast ended', async () => {
    for (const ending of ['over', 'interrupted'] as const) {
      const one = await origin();
      const link = uplink([one.url]);
      link.push('720p', chunk(0));
      await link.close(ending);
      assert.equal(one.received[0]?.tracks, '720p,audio');
      assert.equal(one.received[0]?.ending, ending);
    }
  });

  it('breaks the body when the broadcast broke, after all that was written', async () => {
    const one = await origin();
    const link = uplink([one.url]);
    for (let i = 0; i < 30; i++) link.push('720p', chunk(i));
    await one.until(() => numbers(one.bytesOf('720p')).length === 30);
    await link.close(null);
    await one.until(() => one.received[0]?.end !== null);
    assert.equal(one.received[0]?.end, 'broken');
  });

  it('comes back to an origin that closes, with all that it holds: nothing is lost', async () => {
    const one = await origin((request, _response, index) => {
      if (index < 3) request.once('data', () => request.socket.destroy());
      return true;
    });
    const link = uplink([one.url]);
    const seen = (): Set<number> => new Set(one.received.flatMap((entry) => numbers(entry.bytes)));
    for (let i = 0; i < 200; i++) {
      link.push('720p', chunk(i));
      if (i % 50 === 0) await one.until(() => seen().has(i));
    }
    await link.close('over');
    assert.equal(seen().size, 200);
    assert.ok(reconnects >= 3);
    assert.ok(
      one.received.every((entry) => entry.bytes.length === 0 || entry.bytes.toString().startsWith('init|')),
    );
  });

  it('an origin that was away gets the last 30 s when it comes back', async () => {
    const first = await origin();
    const port = Number(new URL(first.url).port);
    const link = uplink([first.url]);
    link.push('720p', chunk(0));
    await first.until(() => first.received.length === 1);
    await first.close();
    for (let i = 1; i < 2000; i++) link.push('720p', chunk(i));
    const again = await origin(() => true, port);
    await again.until(() => numbers(again.bytesOf('720p')).at(-1) === 1999);
    const got = numbers(again.bytesOf('720p'));
    assert.equal(got[0], 1250, 'the first keyframe of the last 30 s');
    assert.deepEqual(
      got,
      Array.from({ length: 750 }, (_, i) => i + 1250),
    );
  });

  it('once one track has reached an origin that was away, the others come at once: none is a gap', async () => {
    const first = await origin();
    const port = Number(new URL(first.url).port);
    // One track's tries come quickly, the other's next one not within this test.
    let tries = 0;
    const random = () => (tries++ % 2 === 0 ? 0.001 : 1);
    const timing = { firstRetryMs: 120_000, maxRetryMs: 120_000, stallMs: 1000 };
    const link = uplink([first.url], { random, timing });
    link.push('720p', chunk(0));
    link.push('audio', chunk(0));
    await first.until(() => first.received.length === 2);
    await first.close();
    await waitFor('both have broken', () => reconnects >= 2);
    const again = await origin(() => true, port);
    await waitFor('both are back', () =>
      ['720p', 'audio'].every((track) => numbers(again.bytesOf(track)).length === 1),
    );
  });

  it('an origin that does not read is cut and tried again, and holds up no other', async () => {
    const reads = await origin();
    const stalls = await origin((request, _response, index) => {
      if (index === 0) request.pause();
      return index > 0;
    });
    // Long enough that a busy machine does not make the one that reads look like the one that does not.
    const link = uplink([stalls.url, reads.url], {
      timing: { firstRetryMs: 5, maxRetryMs: 20, stallMs: 1500 },
    });
    // More than the kernel takes on its own.
    const many = 100;
    for (let i = 0; i < many; i++) link.push('720p', chunk(i, i % 25 === 0, 150_000));
    const whole = INIT.length + many * 150_000;
    await reads.until(() => reads.received[0]?.sizeBytes === whole);
    await stalls.until(() => stalls.received.at(-1)?.sizeBytes === whole);
    assert.ok(stalls.received.length > 1);
    assert.equal(reads.received.length, 1);
    assert.equal(link.unsentMs(reads.url).get('720p'), 0);
  });

  it('what waits in this process for a socket is not sent; what was sent once is, also while it is sent again', async () => {
    const one = await origin((request, _response, index) => {
      // The first connection breaks once the origin has read something.
      if (index === 0) request.once('data', () => setImmediate(() => request.destroy()));
      return true;
    });
    const seen: { connection: number; unsentMs: number | undefined }[] = [];
    const link = uplink([one.url], {
      // Behind the write and in front of all that the network does.
      onBytes: () =>
        queueMicrotask(() =>
          seen.push({ connection: reconnects, unsentMs: link.unsentMs(one.url).get('720p') }),
        ),
    });
    for (let i = 0; i < 10; i++) link.push('720p', chunk(i));
    assert.equal(link.unsentMs(one.url).get('720p'), 400);
    await one.until(() => one.received.length > 1 && numbers(one.bytesOf('720p')).length === 10);
    assert.equal(seen[0]?.unsentMs, 400);
    assert.equal(seen.findLast(({ connection }) => connection > 0)?.unsentMs, 0);
    assert.equal(link.unsentMs(one.url).get('720p'), 0);
  });

  it('an origin that refuses is asked again, with a new token each time', async () => {
    const tokens: string[] = [];
    const one = await origin((request, response, index) => {
      tokens.push(request.headers.authorization ?? '');
      if (index >= 2) return true;
      response.writeHead(503).end('not now');
      return false;
    });
    let made = 0;
    const link = uplink([one.url], {
      token: () =>
        mintToken(SECRET, {
          sub: `t${++made}`,
          name: 't',
          channel: 'hall-7',
          role: 'encoder',
          exp: Date.now() / 1000 + 60,
        }),
    });
    link.push('audio', chunk(0));
    await one.until(() => numbers(one.bytesOf('audio')).length === 1);
    assert.equal(new Set(tokens).size, 3);
  });

  it('an origin that refuses is asked less and less often, however much it had taken before it said so', async () => {
    const one = await origin((_request, response) => {
      response.writeHead(403).end('not yours');
      return false;
    });
    const attempts: number[] = [];
    const waits: (() => void)[] = [];
    let asked = 0;
    const link = uplink([one.url], {
      // The back-off asks for chance at each failure.
      random: () => {
        asked++;
        for (const wake of waits.splice(0)) wake();
        return 0;
      },
      logger: {
        ...silentLogger,
        warn: (fields) => void attempts.push(Number(Object(fields).attempt)),
      },
      timing: { firstRetryMs: 5, maxRetryMs: 60_000, stallMs: 5000 },
    });
    for (let i = 0; i < 20; i++) link.push('720p', chunk(i, i === 0, 50_000));
    while (asked < 6) await new Promise<void>((resolve) => waits.push(resolve));
    assert.equal(attempts[0], 0);
    assert.ok(!attempts.slice(1).includes(0), `attempts ${attempts.join(' ')}`);
  });

  it('sends a new init segment where the configuration changes', async () => {
    const one = await origin();
    const link = uplink([one.url]);
    link.push('720p', chunk(0));
    link.push('720p', { ...chunk(25), init: Buffer.from('INIT2|') });
    link.push('720p', chunk(26));
    await link.close('over');
    assert.equal(one.bytesOf('720p').toString().replaceAll(' ', ''), 'init|0;INIT2|25;init|26;');
  });

  it('a broadcast that is over does not wait for ever for an origin that is gone', async () => {
    const one = await origin();
    await one.close();
    const link = uplink([one.url], { timing: { firstRetryMs: 5, maxRetryMs: 20, finishMs: 60 } });
    link.push('720p', chunk(0));
    await link.close('over');
    assert.ok(reconnects >= 1);
  });
});
