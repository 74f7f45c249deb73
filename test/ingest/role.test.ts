import assert from 'node:assert/strict';
import { SourceClient } from './support/source-client.ts';
import { AVC_CONFIG, picture } from './support/media-bodies.ts';
import { RtmpClient } from './support/rtmp-client.ts';
import { TEST_KEY, startTestIngest } from './support/test-ingest.ts';

describe('ingest: the role', () => {
  it('says clearly when its port is taken', async () => {
    const first = await startTestIngest();
    await assert.rejects(startTestIngest({ port: first.role.rtmpPort }), {
      code: 'rtmp-listen-failed',
      message: `RTMP cannot listen on 127.0.0.1:${first.role.rtmpPort}: stop what uses it, or set LECTERN_RTMP_PORT`,
    });
    await first.stop();
  });

  it('stops: publishers are told, readers see a break and no end, and the port is free again', async () => {
    const ingest = await startTestIngest();
    assert.equal(ingest.role.notReady(), null);
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    teacher.media(9, 0, AVC_CONFIG);
    teacher.media(9, 0, picture(true));
    const { sourceUrl } = await ingest.queue.job(0);
    const source = await SourceClient.open(sourceUrl, await ingest.bearer('worker'));
    await source.until((client) => client.tags().length >= 3);
    await ingest.stop();
    await teacher.gone();
    assert.match(teacher.heard, /the server is stopping/);
    assert.equal(await source.outcome(), 'broken');
    assert.equal(ingest.role.notReady(), 'ingest has stopped');
    const again = await startTestIngest({ port: ingest.role.rtmpPort });
    await again.stop();
  });

  it('leaves other paths to others', async () => {
    const ingest = await startTestIngest();
    assert.equal((await fetch(`${ingest.httpUrl}/live/hall-7/index.m3u8`)).status, 404);
    assert.equal((await fetch(`${ingest.httpUrl}/feeds/hall-7/x.flv`, { method: 'POST' })).status, 401);
    const headers = { authorization: await ingest.bearer('worker') };
    const response = await fetch(`${ingest.httpUrl}/feeds/hall-7/x.flv`, { method: 'POST', headers });
    assert.equal(response.status, 405);
    assert.deepEqual(await response.json(), {
      error: { code: 'method-not-allowed', message: 'POST: want GET' },
    });
    await ingest.stop();
  });
});
