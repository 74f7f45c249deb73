import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { mintToken, TOKEN_ROLES, type TokenClaims, type TokenRole } from '../../../shared/token.ts';
import { OriginOnStage } from '../../origin/support/origin-on-stage.ts';
import { askEdge, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, startCountedOrigin } from './counted-origin.ts';

const MULTIVARIANT = '/live/hall-7/index.m3u8';

/** Signs a payload as it is written, as a school's own system might. */
function signed(secret: string, payload: string, header = '{"alg":"HS256","typ":"JWT"}'): string {
  const head = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

describe('tokens at the edge', () => {
  let stage: OriginOnStage;
  let origin: CountedOrigin;
  let edge: Edge;
  before(async () => {
    stage = new OriginOnStage('access: token\nedgeChecksTokens: true');
    // The edge knows the true time alone.
    stage.nowMs = Date.now();
    stage.goOnAir();
    stage.run(8000);
    origin = await startCountedOrigin((req, res) => void stage.media.handle(req, res));
    edge = await edgeBefore([origin], { access: 'token', secret: stage.config.secret });
  });
  after(async () => {
    await edge.stop();
    await origin.kill();
  });

  const token = (claims: Partial<TokenClaims> = {}): Promise<string> =>
    mintToken(stage.config.secret, {
      ...{
        sub: 's1',
        name: 'S',
        channel: 'hall-7',
        role: 'viewer',
        exp: Math.floor(Date.now() / 1000) + 600,
      },
      ...claims,
    });

  type Ask = (path: string, token: string) => readonly [string, Record<string, string>];
  const ways: Record<string, Ask> = {
    'in the path': (path, text) => [`/t/${text}${path}`, {}],
    'in the header': (path, text) => [path, { authorization: `Bearer ${text}` }],
    'in the cookie': (path, text) => [path, { cookie: `a=b; lectern-token=${text}; c=d` }],
  };

  it('are left out of the cache key: however many there are, the origin is asked once', async () => {
    const newest = stage.channel.rendition('720p')?.segments.findLast(({ closed }) => closed)?.number;
    const path = `/media/hall-7/720p/${newest}.m4s`;
    for (let viewer = 0; viewer < 5; viewer++) {
      for (const ask of Object.values(ways)) {
        const [url, headers] = ask(path, await token({ sub: `s${viewer}`, role: 'student' }));
        const answer = await askEdge(edge, url, { headers });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      }
    }
    assert.equal(origin.countOf(path), 1);
    assert.ok(!origin.asked.some((line) => line.includes('/t/')), 'no address with a token goes on');
  });

  const exp = Math.floor(Date.now() / 1000) + 600;
  const accepted: readonly { name: string; payload: string }[] = [
    {
      name: 'with its claims in another order, and spaces',
      payload: `{ "exp" : ${exp}, "role" : "viewer",\n "channel" : "*", "name" : "", "sub" : "x" }`,
    },
    {
      name: 'with other claims, a time with decimals and a number as sub',
      payload: `{"iss":"school","sub":17,"name":"张伟","channel":"hall-7","role":"student","exp":${exp}.5}`,
    },
    {
      name: 'whose name says that it is another one',
      payload: `{"sub":"x","name":"a\\",\\"exp\\":1,\\"role\\":\\"teacher\\",\\"channel\\":\\"hall-8","channel":"hall-7","role":"viewer","exp":${exp}}`,
    },
  ];
  for (const { name, payload } of accepted) {
    it(`takes one ${name}`, async () => {
      const answer = await askEdge(edge, `/t/${signed(stage.config.secret, payload)}${MULTIVARIANT}`);
      assert.equal(answer.status, 200, answer.body);
    });
  }

  const refused: readonly { name: string; make: () => Promise<string>; isOwn: boolean }[] = [
    { name: 'signed with another secret', make: () => mintWrong(), isOwn: true },
    { name: 'that has expired', make: () => token({ exp: Math.floor(Date.now() / 1000) - 1 }), isOwn: true },
    { name: 'for another channel', make: () => token({ channel: 'hall-8' }), isOwn: true },
    { name: 'that is none', make: async () => 'abc', isOwn: false },
    {
      name: 'of another algorithm',
      make: async () => signed(stage.config.secret, '{}', '{"alg":"none"}'),
      isOwn: false,
    },
    {
      name: 'with an exp that is text',
      make: async () =>
        signed(stage.config.secret, '{"sub":"x","name":"","channel":"*","role":"viewer","exp":"9999999999"}'),
      isOwn: false,
    },
    {
      name: 'whose sub says that it is valid',
      make: async () =>
        signed(
          stage.config.secret,
          `{"sub":"x\\",\\"exp\\":${exp}","name":"","channel":"*","role":"viewer"}`,
        ),
      isOwn: false,
    },
    {
      name: 'of a role that there is not',
      make: async () =>
        signed(stage.config.secret, `{"sub":"x","name":"","channel":"*","role":"root","exp":${exp}}`),
      isOwn: false,
    },
  ];
  const mintWrong = (): Promise<string> =>
    mintToken('another secret of some length', {
      ...{ sub: 's1', name: 'S', channel: 'hall-7', role: 'viewer' },
      exp,
    });
  for (const { name, make, isOwn } of refused) {
    for (const [way, ask] of Object.entries(ways)) {
      it(`refuses one ${name}, ${way}, as the origin does, and stores nothing of it`, async () => {
        const text = await make();
        const path = '/live/hall-7/360p.m3u8';
        const [url, headers] = ask(path, text);
        const before = origin.asked.length;
        const got = await askEdge(edge, url, { headers });
        assert.equal(origin.asked.length - before, isOwn ? 0 : 1);
        const want = await askEdge(origin, url, { headers });
        assert.deepEqual([got.status, got.body], [want.status, want.body]);
        assert.ok(got.status === 401 || got.status === 403, got.body);
        for (const header of [
          'cache-control',
          'content-type',
          'www-authenticate',
          'access-control-allow-origin',
        ])
          assert.equal(got.headers[header], want.headers[header], header);
        const [good, with_] = ask(path, await token());
        assert.equal((await askEdge(edge, good, { headers: with_ })).status, 200);
      });
    }
  }

  it('refuses a request without one as the origin does', async () => {
    for (const options of [{}, { headers: { cookie: 'a=b' } }, { method: 'HEAD' }]) {
      const got = await askEdge(edge, MULTIVARIANT, options);
      const want = await askEdge(origin, MULTIVARIANT, options);
      assert.deepEqual([got.status, got.body], [401, want.body]);
      assert.equal(got.headers['cache-control'], 'no-store');
    }
  });

  it('leaves the page of a refusal to the origin', async () => {
    const headers = { accept: 'text/html,*/*' };
    const got = await askEdge(edge, MULTIVARIANT, { headers });
    assert.deepEqual(got.body, (await askEdge(origin, MULTIVARIANT, { headers })).body);
    assert.match(got.body, /^<!doctype html>/i);
  });

  for (const role of TOKEN_ROLES.filter((name: TokenRole) => name !== 'viewer' && name !== 'student')) {
    it(`refuses a token of role ${role} in an address, and takes it in a header`, async () => {
      const text = await token({ role });
      const got = await askEdge(edge, `/t/${text}${MULTIVARIANT}`);
      assert.equal(got.status, 403);
      assert.match(got.body, /"token-in-address"/);
      const headers = { authorization: `Bearer ${text}` };
      assert.equal((await askEdge(edge, MULTIVARIANT, { headers })).status, 200);
    });
  }

  it('lets an editor past the cache where she gets more than others', async () => {
    const path = '/live/hall-7/index.m3u8?start=1';
    const editor = await token({ sub: 'lectern:editor' });
    for (const [text, times] of [
      [editor, 2],
      [await token({ role: 'student' }), 0],
    ] as const) {
      const before = origin.countOf(path);
      await askEdge(edge, `/t/${text}${path}`);
      await askEdge(edge, `/t/${text}${path}`);
      // Without an archive the stage ignores the start: what counts is who is asked.
      assert.equal(origin.countOf(path) - before >= times, true);
      assert.equal(origin.countOf(path) - before <= (times || 1), true);
    }
  });
});

describe('tokens at the edge of a site that is open to all', () => {
  let stage: OriginOnStage;
  let origin: CountedOrigin;
  let edge: Edge;
  before(async () => {
    stage = new OriginOnStage('access: open');
    stage.nowMs = Date.now();
    stage.goOnAir();
    stage.run(8000);
    origin = await startCountedOrigin((req, res) => void stage.media.handle(req, res));
    edge = await edgeBefore([origin], { secret: stage.config.secret });
  });
  after(async () => {
    await edge.stop();
    await origin.kill();
  });

  const exp = Math.floor(Date.now() / 1000) + 600;
  const mint = (role: TokenRole): Promise<string> =>
    mintToken(stage.config.secret, { sub: 's1', name: '', channel: '*', role, exp });

  it('are not needed, and change nothing', async () => {
    for (const url of [
      MULTIVARIANT,
      `/t/${await mint('viewer')}${MULTIVARIANT}`,
      `/t/${await mint('student')}${MULTIVARIANT}`,
      `/t/a.b.c${MULTIVARIANT}`,
      `/t/abc${MULTIVARIANT}`,
    ])
      assert.equal((await askEdge(edge, url)).status, 200, url);
    assert.equal(origin.countOf(MULTIVARIANT), 1);
  });

  it("are refused all the same where a person's own stands in an address", async () => {
    const got = await askEdge(edge, `/t/${await mint('teacher')}${MULTIVARIANT}`);
    assert.equal(got.status, 403);
    assert.match(got.body, /"token-in-address"/);
  });
});
