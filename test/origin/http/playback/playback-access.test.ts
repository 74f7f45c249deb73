import assert from 'node:assert/strict';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { OriginOnStage } from '../../support/origin-on-stage.ts';

const ROLES: readonly TokenRole[] = ['viewer', 'student', 'teacher', 'operator', 'encoder', 'worker'];
/** Seconds that a token of these tests is still valid. */
const VALID_S = 600;

describe('playback with access by token', () => {
  let origin: OriginOnStage;
  let media: string;
  before(async () => {
    origin = new OriginOnStage('access: token');
    await origin.listen();
    origin.goOnAir();
    origin.run(8000);
    const number = origin.channel.rendition('720p')?.segments.findLast(({ closed }) => closed)?.number;
    media = `/media/hall-7/720p/${number}.m4s`;
  });
  after(() => origin.stop());

  const tokenOf = (role: TokenRole, channel = 'hall-7'): Promise<string> => {
    const exp = Math.floor(origin.nowMs / 1000) + VALID_S;
    return mintToken(origin.config.secret, { sub: 's1', name: 'S', channel, role, exp });
  };
  const ways = {
    'in the path': (path: string, token: string) => [`/t/${token}${path}`, {}] as const,
    'in the Authorization header': (path: string, token: string) =>
      [path, { authorization: `Bearer ${token}` }] as const,
    'in the cookie': (path: string, token: string) =>
      [path, { cookie: `a=b; lectern-token=${token}` }] as const,
  };

  for (const [way, requestOf] of Object.entries(ways)) {
    for (const role of ROLES) {
      const isRefused = way === 'in the path' && role !== 'viewer' && role !== 'student';
      it(`${isRefused ? 'refuses' : 'takes'} a token of role ${role} ${way}`, async () => {
        for (const path of [
          '/live/hall-7/index.m3u8',
          '/live/hall-7/manifest.mpd',
          '/live/hall-7/720p.m3u8',
          media,
        ]) {
          const [url, headers] = requestOf(path, await tokenOf(role));
          const answer = await origin.ask(url, { headers });
          assert.equal(answer.status, isRefused ? 403 : 200, path);
          if (!isRefused) continue;
          assert.match(answer.body.toString(), /"code":"token-in-address"/);
          assert.doesNotMatch(answer.body.toString(), new RegExp(await tokenOf(role)));
        }
        const [url, headers] = requestOf('/live/hall-7/index.m3u8', await tokenOf(role, 'hall-8'));
        assert.equal((await origin.ask(url, { headers })).status, 403);
      });
    }

    it(`gives nothing to a shared cache that a token opened ${way}, and to no cache beyond the token`, async () => {
      const token = await tokenOf('student');
      const table: readonly [path: string, method: string, range: string | undefined, status: number][] = [
        [media, 'GET', undefined, 200],
        [media, 'HEAD', undefined, 200],
        [media, 'GET', 'bytes=0-9', 206],
        [media, 'GET', 'bytes=99999999-', 416],
        ['/live/hall-7/index.m3u8', 'GET', undefined, 200],
        ['/live/hall-7/manifest.mpd', 'HEAD', undefined, 200],
        ['/live/hall-7/720p.m3u8', 'GET', undefined, 200],
        ['/live/hall-7/99p.m3u8', 'GET', undefined, 404],
        ['/live/hall-7/720p.m3u8?_HLS_msn=x', 'GET', undefined, 400],
        ['/media/hall-7/720p/5.m4s', 'GET', undefined, 404],
      ];
      for (const [path, method, range, status] of table) {
        const [url, headers] = requestOf(path, token);
        const answer = await origin.ask(url, {
          method,
          headers: { ...headers, ...(range === undefined ? {} : { range }) },
        });
        assert.equal(answer.status, status, path);
        const cache = String(answer.headers['cache-control']);
        assert.match(cache, /^(private, max-age=\d+(, immutable)?|no-store)$/, `${method} ${path}`);
        assert.ok(Number(/max-age=(\d+)/.exec(cache)?.[1] ?? 0) <= VALID_S, cache);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      }
    });
  }
});

describe('playback that is open to all', () => {
  it('needs no token, leaves a bad one aside, and refuses one that must not be in an address', async () => {
    const origin = new OriginOnStage('access: open');
    await origin.listen();
    const exp = Math.floor(origin.nowMs / 1000) + VALID_S;
    for (const [role, end, want] of [
      ['viewer', exp, 200],
      ['student', exp, 200],
      ['teacher', exp, 403],
      ['operator', exp, 403],
      ['encoder', exp, 403],
      ['worker', exp, 403],
      ['teacher', 1000, 200],
    ] as const) {
      const claims = { sub: 's', name: 'S', channel: 'hall-8', role, exp: end };
      const token = await mintToken(origin.config.secret, claims);
      const answer = await origin.ask(`/t/${token}/live/hall-7/index.m3u8`);
      assert.equal(answer.status, want, role);
    }
    assert.equal((await origin.ask('/t/not.a.token/live/hall-7/index.m3u8')).status, 200);
    await origin.stop();
  });
});

describe('playback with an edge that checks tokens', () => {
  it('is public for the edge, and still checked here', async () => {
    const origin = new OriginOnStage('access: token\nedgeChecksTokens: true');
    await origin.listen();
    const claims = { sub: 's', name: 'S', channel: 'hall-7', role: 'student', exp: 4e9 } as const;
    const token = await mintToken(origin.config.secret, claims);
    const answer = await origin.ask(`/t/${token}/live/hall-7/index.m3u8`);
    assert.equal(answer.headers['cache-control'], 'public, max-age=1');
    assert.equal((await origin.ask('/live/hall-7/index.m3u8')).status, 401);
    await origin.stop();
  });
});

describe('a token that opens playback', () => {
  let origin: OriginOnStage;
  before(async () => {
    origin = new OriginOnStage('access: token');
    await origin.listen();
  });
  after(() => origin.stop());

  const token = (channel: string, exp = 4_000_000_000) =>
    mintToken(origin.config.secret, { sub: 's1', name: 'Student', channel, role: 'student', exp });

  it('refuses without a token', async () => {
    const answer = await origin.ask('/live/hall-7/index.m3u8');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });
  it('takes one from the path, and gives everyone the same bytes', async () => {
    const [one, two] = [await token('hall-7'), await token('*')];
    const answers = [
      await origin.ask(`/t/${one}/live/hall-7/index.m3u8`),
      await origin.ask(`/t/${two}/live/hall-7/index.m3u8`),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(answers[0]?.body, answers[1]?.body);
  });
  it('takes one from the cookie', async () => {
    const cookie = `a=b; lectern-token=${await token('hall-7')}`;
    assert.equal((await origin.ask('/live/hall-7/720p.m3u8', { headers: { cookie } })).status, 200);
  });
  it('refuses one for another channel, and one that has expired', async () => {
    assert.equal((await origin.ask(`/t/${await token('hall-8')}/live/hall-7/index.m3u8`)).status, 403);
    assert.equal((await origin.ask(`/t/${await token('hall-7', 1)}/live/hall-7/index.m3u8`)).status, 401);
  });
});
