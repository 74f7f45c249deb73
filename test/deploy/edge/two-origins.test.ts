import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { waitFor } from '../../support/wait-for.ts';
import { askEdge, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, sendProblem, sendPublic, startCountedOrigin } from './counted-origin.ts';

describe('two origins behind the edge', () => {
  type Answer = (req: IncomingMessage, res: ServerResponse) => void;
  const serve: Answer = (req, res) => sendPublic(res, `${req.url}`);
  let answers: [Answer, Answer];
  let origins: CountedOrigin[];
  let edge: Edge;
  beforeEach(async () => {
    answers = [serve, serve];
    origins = await Promise.all(
      [0, 1].map((at) => startCountedOrigin((req, res) => answers[at === 0 ? 0 : 1](req, res))),
    );
    edge = await edgeBefore(origins);
  });
  afterEach(async () => {
    await edge.stop();
    await Promise.all(origins.map((origin) => origin.kill()));
  });

  /** Which origin a channel has: the one that is asked. */
  const originOf = async (channel: string): Promise<number> => {
    await askEdge(edge, `/live/${channel}/whose.m3u8`);
    return origins.findIndex((origin) => origin.countOf(`/live/${channel}/whose`) > 0);
  };

  it('share the channels, and each of them stays with its own', async () => {
    const channels = Array.from({ length: 24 }, (_, at) => `class-${at}`);
    const owners = [];
    for (const channel of channels) {
      const owner = await originOf(channel);
      owners.push(owner);
      await askEdge(edge, `/media/${channel}/720p/1.m4s`);
      assert.equal(origins[owner]?.countOf(`/media/${channel}/`), 1);
    }
    assert.deepEqual(
      [...new Set(owners)].sort((a, b) => a - b),
      [0, 1],
    );
  });

  it('are both tried within a request when one is killed: no viewer gets an error', async () => {
    const owner = await originOf('hall-7');
    let isHeld = false;
    answers[owner === 0 ? 0 : 1] = () => {
      isHeld = true;
    };
    // In the middle of a request that is held, and with those that come afterwards.
    const held = askEdge(edge, '/live/hall-7/720p.m3u8?_HLS_msn=5');
    await waitFor('the request at the origin', () => isHeld);
    await origins[owner]?.kill();
    assert.equal((await held).body, '/live/hall-7/720p.m3u8?_HLS_msn=5');
    for (let number = 0; number < 20; number++) {
      const answer = await askEdge(edge, `/media/hall-7/720p/${number}.m4s`);
      assert.deepEqual([answer.status, answer.body], [200, `/media/hall-7/720p/${number}.m4s`]);
    }
  });

  const faults = [
    { name: 'an error of its own', path: '/live/hall-7/index.m3u8', status: 500, cache: 'no-store' },
    { name: 'that it is starting', path: '/replay/hall-7/1-2/index.m3u8', status: 503, cache: 'no-store' },
    {
      name: 'that nothing is new',
      path: '/live/hall-7/720p.m3u8?_HLS_msn=5',
      status: 503,
      cache: 'public, max-age=1',
    },
    {
      name: 'that it has no such media',
      path: '/media/hall-7/720p/5.m4s',
      status: 404,
      cache: 'public, max-age=1',
    },
  ];
  for (const { name, path, status, cache } of faults) {
    it(`are both asked where one says ${name}`, async () => {
      const owner = await originOf('hall-7');
      answers[owner === 0 ? 0 : 1] = (_req, res) => sendProblem(res, status, cache);
      assert.deepEqual(await askEdge(edge, path).then(({ status: got, body }) => [got, body]), [200, path]);
      answers = [answers[0], answers[0]].map(
        (): Answer => (_req, res) => sendProblem(res, status, cache),
      ) as [Answer, Answer];
      const other = path.replace('hall-7', 'hall-8');
      assert.equal((await askEdge(edge, other)).status, status);
      assert.equal(
        origins.reduce((sum, origin) => sum + origin.countOf(other), 0),
        2,
      );
    });
  }

  it('are asked once where the request changes something', async () => {
    answers = [(_req, res) => sendProblem(res, 503), (_req, res) => sendProblem(res, 503)];
    assert.equal((await askEdge(edge, '/api/channels/hall-7', { method: 'PATCH' })).status, 503);
    assert.equal(
      origins.reduce((sum, origin) => sum + origin.asked.length, 0),
      1,
    );
  });

  it('are reported missing in the form of every error when both are gone, and are found again', async () => {
    const [first] = origins;
    await Promise.all(origins.map((origin) => origin.kill()));
    const answer = await askEdge(edge, '/live/hall-7/index.m3u8');
    assert.deepEqual([answer.status, answer.headers['cache-control']], [503, 'no-store']);
    assert.match(answer.body, /^\{"error":\{"code":"origin-unavailable",/);
    const again = await startCountedOrigin(serve, { port: first?.port ?? 0 });
    origins.push(again);
    await waitFor('an answer', async () => (await askEdge(edge, '/live/hall-7/index.m3u8')).status === 200);
  });

  it('play on while neither calls itself ready', async () => {
    const port = edge.url.split(':').at(-1);
    await edge.stop();
    await Promise.all(origins.map((origin) => origin.kill()));
    const unready = await startCountedOrigin(serve, { healthStatus: 503 });
    origins.push(unready);
    edge = await edgeBefore([unready, unready], { port: Number(port) });
    await waitFor('its health was asked for three times', () => unready.healthChecks() >= 3);
    for (let number = 0; number < 5; number++)
      assert.equal((await askEdge(edge, `/media/hall-7/720p/${number}.m4s`)).status, 200);
  });

  it('serve again as soon as the edge was restarted', async () => {
    const port = Number(edge.url.split(':').at(-1));
    await edge.stop();
    edge = await edgeBefore(origins, { port });
    assert.equal((await askEdge(edge, '/live/hall-7/index.m3u8')).status, 200);
  });
});

describe('one origin behind the edge', () => {
  it('is asked once for what it does not have', async () => {
    const origin = await startCountedOrigin((_req, res) => sendProblem(res, 404));
    const edge = await edgeBefore([origin]);
    try {
      assert.equal((await askEdge(edge, '/media/hall-7/720p/5.m4s')).status, 404);
      assert.equal(origin.asked.length, 1);
    } finally {
      await edge.stop();
      await origin.kill();
    }
  });
});
