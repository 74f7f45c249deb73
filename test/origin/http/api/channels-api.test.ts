import assert from 'node:assert/strict';
import { createChannelsApi } from '../../../../origin/http/api/channels-api.ts';
import { listChannels, listFeeds } from '../../../../origin/http/api/channels-routes.ts';
import { type HttpServer, startHttpServer } from '../../../../shared/http-server.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { feedReport } from '../../support/feed-report.ts';
import { OriginOnStage } from '../../support/origin-on-stage.ts';

describe('the API of the channels', () => {
  let origin: OriginOnStage;
  let server: HttpServer;
  beforeEach(async () => {
    origin = new OriginOnStage('access: token');
    server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    const clock = { nowMs: () => origin.nowMs };
    server.routes.use(
      createChannelsApi({
        channels: origin.channels,
        clock,
        playback: origin.config,
        broadcastOf: () => null,
      }),
    );
  });
  afterEach(() => server.close(0));

  /** With a student's token of all channels, where nothing else is said. */
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { headers: { authorization: await bearer('student', '*'), ...headers } });
  const bearer = async (role: TokenRole, channel: string): Promise<string> =>
    `Bearer ${await mintToken(origin.config.secret, { sub: 's', name: 's', channel, role, exp: 4e9 })}`;

  it('tells the time, uncached, where an MPD behind a token looks for it too (UTCTiming http-iso)', async () => {
    const mpd = new URL('/t/some.token.here/live/hall-7/manifest.mpd', server.url);
    for (const path of ['/api/time', new URL('../../api/time', mpd).pathname]) {
      const answer = await ask(path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(await answer.text(), new Date(origin.nowMs).toISOString());
    }
  });

  it('tells a student of her own channel alone, and a stranger of none', async () => {
    for (const [authorization, list, own, other] of [
      ['', 401, 401, 401],
      [await bearer('student', 'hall-7'), 200, 200, 403],
      [await bearer('viewer', 'hall-7'), 200, 200, 403],
      [await bearer('teacher', 'hall-8'), 200, 403, 404],
      [await bearer('operator', '*'), 200, 200, 404],
    ] as const) {
      const listed = await ask('/api/channels', { authorization });
      assert.equal(listed.status, list);
      assert.equal((await ask('/api/channels/hall-7', { authorization })).status, own);
      assert.equal((await ask('/api/channels/hall-8', { authorization })).status, other);
      const text = await listed.text();
      assert.equal(text.includes('hall-7'), list === 200 && own === 200, text);
      assert.match(listed.headers.get('cache-control') ?? '', /^(private, max-age=1|no-store)$/);
    }
  });

  it('describes channels without opening them, and without their keys', async () => {
    for (const path of ['/api/channels', '/api/channels/hall-7']) {
      const text = await (await ask(path)).text();
      assert.match(text, /"id":"hall-7".*"state":"before"/);
      assert.doesNotMatch(text, /a-secret/);
    }
    assert.equal(origin.channels.open.size, 0);
    assert.equal((await ask('/api/channels/hall-8')).status, 404);
    assert.equal((await ask('/api/channels/constructor')).status, 404);
  });

  it('renders the list of channels once a second, and gzips it', async () => {
    const first = await ask('/api/channels', { 'accept-encoding': 'gzip' });
    assert.equal(first.headers.get('content-encoding'), 'gzip');
    const { serverTimeMs } = await first.json();
    origin.nowMs += 999;
    assert.equal((await (await ask('/api/channels')).json()).serverTimeMs, serverTimeMs);
    origin.nowMs += 1;
    assert.equal((await (await ask('/api/channels')).json()).serverTimeMs, serverTimeMs + 1000);
  });

  it('shows everybody how late a class is and its plan, and the lag of each stage to operators only', async () => {
    origin.goOnAir();
    origin.run(3000);
    origin.channel.takeReport('live.b1', feedReport({}, { name: 'top-rung', level: 3 }), origin.nowMs);
    const bearer = async (role: 'teacher' | 'operator', channel = '*') => ({
      authorization: `Bearer ${await mintToken(origin.config.secret, { sub: 'x', name: 'x', channel, role, exp: 4_000_000_000 })}`,
    });
    const path = '/api/channels?detail=lag';
    assert.equal((await ask(path, { authorization: '' })).status, 401);
    assert.equal((await ask(path, await bearer('teacher', 'hall-7'))).status, 403);
    assert.equal((await ask('/api/channels?detail=keys')).status, 400);
    const answer = await ask(path, await bearer('operator'));
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { channels } = listChannels.responses[200].schema.parse(await answer.json());
    assert.equal(channels[0]?.air?.plan?.name, 'top-rung');
    assert.equal(channels[0]?.air?.lagMs['uplink'], 200);
    assert.equal(channels[0]?.air?.fault, null);
    for (const open of ['/api/channels', '/api/channels/hall-7']) {
      const text = await (await ask(open)).text();
      assert.match(
        text,
        /"lateMs":\d+,"awaited":\[\],"plan":\{"level":3,"name":"top-rung","tracks":\[[^\]]*\],"away":\[\]\}/,
      );
      assert.doesNotMatch(text, /lagMs|"air"|"reason"/);
    }
    const feeds = await ask('/api/channels/hall-7/feeds', await bearer('teacher', 'hall-7'));
    const read = listFeeds.responses[200].schema.parse(await feeds.json());
    assert.equal(read.air?.plan?.level, 3);
    assert.equal(read.feeds[0]?.report?.lagMs.sound, 90);
  });

  it('says of a channel off air that an encoder is connected whose media has not come', async () => {
    const awaited = async () => (await (await ask('/api/channels/hall-7')).json()).awaited;
    origin.channels.get('hall-7').encoderConnected(origin.nowMs);
    assert.deepEqual(await awaited(), ['first-picture', 'first-sound']);
    origin.nowMs += 6000;
    assert.deepEqual(await awaited(), []);
  });

  it('shows feeds to teachers of the channel and operators only', async () => {
    origin.goOnAir();
    origin.run(3000);
    const bearer = async (role: 'teacher' | 'student', channel: string) => ({
      authorization: `Bearer ${await mintToken(origin.config.secret, { sub: 'x', name: 'x', channel, role, exp: 4_000_000_000 })}`,
    });
    const path = '/api/channels/hall-7/feeds';
    assert.equal((await ask(path, { authorization: '' })).status, 401);
    assert.equal((await ask(path, await bearer('student', 'hall-7'))).status, 403);
    assert.equal((await ask(path, await bearer('teacher', 'hall-8'))).status, 403);
    const answer = await ask(path, await bearer('teacher', 'hall-7'));
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { onAir, feeds } = JSON.parse(await answer.text());
    assert.equal(onAir, 'live.b1');
    assert.deepEqual(
      feeds[0].tracks.map(({ name }: { name: string }) => name),
      ['720p', '360p', 'audio'],
    );
  });
});
