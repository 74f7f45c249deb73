import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { feedReport } from '../../support/feed-report.ts';
import { type Answer, OriginOnStage } from '../../support/origin-on-stage.ts';

/** A CMAF track as an encoder sends it: one D of the slate's picture, decode times from 0. */
const track = readFileSync(new URL('../../../../origin/slate/picture.mp4', import.meta.url));

describe('push: POST /ingest/{channel}/{feed}/{track}', () => {
  let origin: OriginOnStage;
  beforeEach(async () => {
    origin = new OriginOnStage();
    // The track's decode times begin at 0, so the clock stands shortly after the epoch.
    origin.nowMs = 1000;
    await origin.listen();
  });
  afterEach(() => origin.stop());

  const token = (role: TokenRole = 'encoder', channel = 'hall-7', exp = 4_000_000_000) =>
    mintToken(origin.config.secret, { sub: 'worker', name: 'worker', channel, role, exp });

  const open = async (
    path: string,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<ClientRequest> => {
    const authorization = `Bearer ${await token()}`;
    const req = request({
      port: origin.port,
      path,
      method,
      agent: false,
      headers: { authorization, ...headers },
    });
    req.on('error', () => {});
    return req;
  };
  const answerOf = async (req: ClientRequest): Promise<Answer> => {
    const [res] = await once(req, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of res) chunks.push(chunk);
    return { status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks) };
  };
  const feed = () => origin.channel.feeds(origin.nowMs)[0];
  /** End of the newest sample of a track, milliseconds since the epoch. */
  const headMs = (name: string) => feed()?.tracks.find((track) => track.name === name)?.headMs;

  it('accepts a track, and ends the feed when the body ends', async () => {
    const req = await open('/ingest/hall-7/live.b1/720p');
    req.end(track);
    assert.equal((await answerOf(req)).status, 200);
    await waitFor('the end of the feed', () => feed()?.ending === 'over');
    assert.ok((headMs('720p') ?? 0) > 1560, 'all of its pictures');
  });

  it('believes a trailer that says that the teacher’s connection broke', async () => {
    const req = await open('/ingest/hall-7/live.b1/720p', {
      trailer: 'lectern-ending',
      'transfer-encoding': 'chunked',
    });
    req.write(track);
    req.addTrailers({ 'lectern-ending': 'interrupted' });
    req.end();
    assert.equal((await answerOf(req)).status, 200);
    await waitFor('the end of the feed', () => feed()?.ending === 'interrupted');
  });

  it('waits for a connection that broke, and replaces one that hangs by a new one', async () => {
    const first = await open('/ingest/hall-7/live.b1/720p');
    first.write(track.subarray(0, 3000));
    await waitFor('the track', () => headMs('720p') !== undefined);
    const second = await open('/ingest/hall-7/live.b1/720p');
    second.write(track);
    await waitFor('the end of the one that hangs', () => first.destroyed);
    assert.equal(feed()?.connected, true);
    second.destroy();
    await waitFor('the break', () => feed()?.connected === false);
    assert.equal(feed()?.ending, null);
  });

  it('tells the channel which tracks its sender announced', async () => {
    const announced: string[][] = [];
    const { channel } = origin;
    const openTrack = channel.openTrack.bind(channel);
    Object.defineProperty(channel, 'openTrack', {
      value: (...args: Parameters<typeof openTrack>) => {
        announced.push([...args[3]]);
        openTrack(...args);
      },
    });
    for (const headers of [{ 'lectern-tracks': '720p, audio' }, {}]) {
      const req = await open('/ingest/hall-7/live.b1/720p', headers);
      req.end(track);
      await answerOf(req);
    }
    assert.deepEqual(announced, [['720p', 'audio'], []]);
  });

  const refusals: readonly {
    name: string;
    path: string;
    status: number;
    code: string;
    body?: Buffer;
    method?: string;
    headers?: () => Promise<Record<string, string>> | Record<string, string>;
  }[] = [
    {
      name: 'no token',
      path: '/ingest/hall-7/live/720p',
      status: 401,
      code: 'no-token',
      headers: () => ({ authorization: '' }),
    },
    {
      name: 'a student’s token',
      path: '/ingest/hall-7/live/720p',
      status: 403,
      code: 'forbidden',
      headers: async () => ({ authorization: `Bearer ${await token('student')}` }),
    },
    {
      name: 'a token for another channel',
      path: '/ingest/hall-7/live/720p',
      status: 403,
      code: 'forbidden',
      headers: async () => ({ authorization: `Bearer ${await token('encoder', 'hall-8')}` }),
    },
    {
      name: 'an expired token',
      path: '/ingest/hall-7/live/720p',
      status: 401,
      code: 'expired-token',
      headers: async () => ({ authorization: `Bearer ${await token('encoder', 'hall-7', 0.5)}` }),
    },
    { name: 'GET', path: '/ingest/hall-7/live/720p', method: 'GET', status: 405, code: 'method-not-allowed' },
    {
      name: 'an invalid feed name',
      path: '/ingest/hall-7/LIVE!/720p',
      status: 400,
      code: 'bad-feed-name',
    },
    {
      name: 'a kind of feed without priority',
      path: '/ingest/hall-7/pirate.x/720p',
      status: 400,
      code: 'unknown-feed-kind',
      body: track,
    },
    { name: 'an invalid track name', path: '/ingest/hall-7/live/72%20p', status: 400, code: 'bad-track' },
    { name: 'one path segment more', path: '/ingest/hall-7/live/720p/x', status: 400, code: 'bad-track' },
    {
      name: 'an invalid header of track names',
      path: '/ingest/hall-7/live/720p',
      status: 400,
      code: 'bad-track',
      headers: () => ({ 'lectern-tracks': '720p;audio' }),
    },
    {
      name: 'bytes that are not CMAF',
      path: '/ingest/hall-7/live/720p',
      status: 400,
      code: 'bad-cmaf',
      body: Buffer.alloc(4096, 'GET /'),
    },
    {
      name: 'a body that ends within a box',
      path: '/ingest/hall-7/live/720p',
      status: 400,
      code: 'bad-cmaf',
      body: track.subarray(0, -1),
    },
  ];
  for (const { name, path, status, code, body, method, headers } of refusals) {
    it(`refuses ${name}: ${code}`, async () => {
      const req = await open(path, await headers?.(), method);
      req.end(body);
      const answer = await answerOf(req);
      assert.equal(answer.status, status);
      assert.equal(JSON.parse(answer.body.toString()).error.code, code);
      assert.deepEqual(origin.refused, [code]);
    });
  }

  it('refuses an unknown channel, whoever asks', async () => {
    const authorization = `Bearer ${await token('encoder', '*')}`;
    const req = await open('/ingest/hall-8/live/720p', { authorization });
    req.end(track);
    assert.equal((await answerOf(req)).status, 404);
  });

  it('logs one refusal of a kind a second, however many there are, and no more than the beginning of a path', async () => {
    const refuse = async (authorization: string): Promise<void> => {
      const req = await open(`/ingest/hall-7/live/${'x'.repeat(5000)}`, { authorization });
      req.end();
      await answerOf(req);
    };
    for (let i = 0; i < 20; i++) await refuse('Bearer x');
    await refuse(`Bearer ${await token()}`);
    const lines = origin.logged.filter((line) => line.startsWith('warn push'));
    assert.deepEqual(
      lines.map((line) => /refused: (.{5})/.exec(line)?.[1]),
      ['token', 'track'],
    );
    assert.ok(lines.every((line) => line.length < 400));
    origin.nowMs += 1000;
    await refuse('Bearer x');
    assert.equal(origin.logged.filter((line) => line.includes('refused: token')).length, 2);
  });

  it('refuses media from the future', async () => {
    origin.nowMs = -60_000;
    const req = await open('/ingest/hall-7/live.b1/720p');
    req.write(track);
    const answer = await answerOf(req);
    assert.equal(JSON.parse(answer.body.toString()).error.code, 'media-from-the-future');
  });

  describe('PUT /ingest/{channel}/{feed}: the report of a transcode worker', () => {
    const put = async (body: Buffer | string, path = '/ingest/hall-7/live.b1', method = 'PUT') => {
      const req = await open(path, {}, method);
      req.end(body);
      const answer = await answerOf(req);
      return { status: answer.status, text: answer.body.toString() };
    };
    const report = JSON.stringify(feedReport());

    it('is stored with its feed once media of it has come', async () => {
      const before = await put(report);
      assert.equal(before.status, 404);
      assert.match(before.text, /unknown-feed/);
      const req = await open('/ingest/hall-7/live.b1/720p');
      req.write(track);
      await waitFor('the feed', () => feed() !== undefined);
      assert.deepEqual(await put(report), { status: 204, text: '' });
      assert.deepEqual(feed()?.report, feedReport());
      req.destroy();
    });

    const refused: { name: string; body: Buffer | string; want: RegExp }[] = [
      { name: 'something else', body: '[]', want: /bad-report/ },
      { name: 'nothing', body: '', want: /bad-report/ },
      { name: 'a megabyte', body: Buffer.alloc(1 << 20, ' '), want: /bad-report.*8193 bytes/ },
    ];
    for (const { name, body, want } of refused) {
      it(`${name} is refused: bad-report`, async () => {
        const answer = await put(body);
        assert.equal(answer.status, 400);
        assert.match(answer.text, want);
        assert.equal(feed(), undefined);
      });
    }

    it('by POST it is a push to a track without a name', async () => {
      assert.match((await put(report, '/ingest/hall-7/live.b1', 'POST')).text, /bad-track/);
    });

    it('without a feed it says that an encoder is connected whose media has not come, for 5 s', async () => {
      const awaited = () => origin.channels.get('hall-7').awaited(origin.nowMs);
      assert.deepEqual(awaited(), []);
      assert.deepEqual(await put('', '/ingest/hall-7'), { status: 204, text: '' });
      assert.deepEqual(awaited(), ['first-picture', 'first-sound']);
      origin.nowMs += 5001;
      assert.deepEqual(awaited(), []);
      assert.match((await put('', '/ingest/hall-7', 'POST')).text, /bad-feed-name/);
    });

    it('needs a token to push', async () => {
      const req = await open(
        '/ingest/hall-7/live.b1',
        { authorization: `Bearer ${await token('teacher')}` },
        'PUT',
      );
      req.end(report);
      assert.equal((await answerOf(req)).status, 403);
    });
  });
});
