import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { RollCallClient, testToken } from '../../support/roll-call-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const YAML = `rollCall: {maxConnections: 20, acceptPerSecond: 1000}
channels: [{id: hall-7, title: Hall 7, publishKey: a-secret-of-hall-7}]
`;

describe('a roll call with twenty places', () => {
  let pipeline: TestPipeline;
  const streams: AbortController[] = [];
  const clients: RollCallClient[] = [];
  beforeEach(async () => {
    pipeline = await startTestPipeline({ yaml: YAML, roles: ['origin', 'rollcall'] });
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.abort();
    for (const { ws } of clients.splice(0)) ws.terminate();
    await pipeline.stop();
  });

  const join = async (claims: Parameters<typeof testToken>[0]): Promise<RollCallClient> => {
    const client = await RollCallClient.join(pipeline.url, claims);
    clients.push(client);
    return client;
  };
  const follow = async (claims: Parameters<typeof testToken>[0]): Promise<Response> => {
    const abort = new AbortController();
    streams.push(abort);
    return fetch(`${pipeline.url}/api/rollcall/hall-7/events`, {
      headers: { authorization: `Bearer ${await testToken(claims)}` },
      signal: abort.signal,
    });
  };

  it('has one for others and for the teacher, however often one student comes, in either way', async () => {
    const own: RollCallClient[] = [];
    for (let i = 0; i < 12; i++) own.push(await join({ sub: 'greedy' }));
    for (let i = 0; i < 12; i++) equal((await follow({ sub: 'greedy' })).status, 200);
    await waitFor('the older ones are closed', () => own.every(({ closed }) => closed !== null));
    for (const { frames, closed } of own) {
      equal(closed?.code, 4409);
      const bye = frames.find(({ type }) => type === 'bye');
      ok(bye?.type === 'bye' && bye.reconnectAfterMs >= 60_000);
    }
    equal((await join({ sub: 'another' })).closed, null);
    equal((await join({ sub: 't', role: 'teacher' })).closed, null);
    equal((await follow({ sub: 'o', role: 'operator' })).status, 200);
  });

  it('keeps some for teachers and operators when students fill the rest, and tells a student when to come', async () => {
    for (let i = 0; i < 18; i++) await join({ sub: `s${i}` });
    const late = await RollCallClient.open(pipeline.url);
    clients.push(late);
    late.send({ type: 'hello', token: await testToken({ sub: 'late' }) });
    await waitFor('she is told', () => late.closed !== null);
    deepEqual([late.closed?.code, late.frames[0]?.type], [4503, 'bye']);
    const refused = await follow({ sub: 'late' });
    equal(refused.status, 503);
    match(await refused.text(), /roll-call-busy/);
    equal(refused.headers.get('retry-after'), '30');
    equal((await join({ sub: 't', role: 'teacher' })).closed, null);
    equal((await follow({ sub: 'o', role: 'operator' })).status, 200);
  });

  it('asks for a token in the first frame and in the header alone: no address has one', async () => {
    const token = await testToken({ sub: 'li' });
    const answer = await fetch(`${pipeline.url}/api/rollcall/hall-7/events?token=${token}`);
    ok(answer.status === 400 || answer.status === 401, String(answer.status));
    const url = `${pipeline.url}/t/${token}/api/rollcall/hall-7/events`;
    equal((await fetch(url)).status, 404);
    const client = await RollCallClient.open(pipeline.url);
    clients.push(client);
    client.send({ type: 'ping' });
    await waitFor('it is closed', () => client.closed !== null);
    equal(client.closed?.code, 4400);
  });
});
