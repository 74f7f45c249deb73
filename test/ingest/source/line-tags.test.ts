import assert from 'node:assert/strict';
import { readLineTag } from '../../../media/flv/line-tag.ts';
import { AVC_CONFIG, picture } from '../support/media-bodies.ts';
import { RtmpClient } from '../support/rtmp-client.ts';
import { SourceClient } from '../support/source-client.ts';
import { TEST_KEY, type TestIngest, startTestIngest } from '../support/test-ingest.ts';

describe('ingest: line tags', () => {
  let ingest: TestIngest;
  beforeEach(async () => {
    ingest = await startTestIngest();
  });
  afterEach(() => ingest.stop());

  it('go to a reader that asks for them, and to no other', async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    teacher.media(9, 0, AVC_CONFIG);
    teacher.media(9, 0, picture(true));
    const { sourceUrl } = await ingest.queue.job(0);
    const beforeMs = Date.now();
    const bearer = await ingest.bearer('worker');
    const plain = await SourceClient.open(sourceUrl, bearer);
    const asks = await SourceClient.open(sourceUrl, bearer, { 'lectern-line': 'yes' });
    const linesOf = (client: SourceClient): number[] =>
      client.tags().flatMap((tag) => (tag.kind === 'script' ? (readLineTag(tag.data)?.nowMs ?? []) : []));
    await asks.until((client) => linesOf(client).length >= 2);
    const [first = 0, second = 0] = linesOf(asks);
    assert.ok(first >= beforeMs && second > first && second <= Date.now());
    assert.deepEqual(linesOf(plain), []);
    assert.equal(plain.tags().length, 4);
    for (const client of [plain, asks]) client.close();
    teacher.close();
  });

  it('the line’s lag is in the API and in the metrics while a publisher is on air', async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    teacher.media(9, 0, AVC_CONFIG);
    teacher.media(9, 0, picture(true));
    await ingest.queue.job(0);
    const { sourceUrl } = await ingest.queue.job(0);
    const source = await SourceClient.open(sourceUrl, await ingest.bearer('worker'));
    teacher.media(9, 40, picture(false));
    await source.until((client) => client.tags().length >= 5);
    const response = await ingest.get('/api/ingest/hall-7', 'teacher', 'hall-7');
    const { publish } = (await response.json()) as {
      publish: { lineLagMs: { picture: number; sound: null } };
    };
    assert.equal(typeof publish.lineLagMs.picture, 'number');
    assert.equal(publish.lineLagMs.sound, null);
    assert.match(
      await ingest.metrics.metrics(),
      /^lectern_ingest_channel_line_lag_seconds\{channel="hall-7",kind="picture"\} \d/m,
    );
    source.close();
    teacher.close();
    await ingest.logger.until(/the publisher left/);
    assert.doesNotMatch(await ingest.metrics.metrics(), /channel_line_lag_seconds\{/);
  });
});
