import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { PublishView } from '../../ingest/ingest-api.ts';
import { FeedClient } from './support/feed-client.ts';
import { publishWithFfmpeg } from './support/ffmpeg-publisher.ts';
import { AVC_CONFIG, picture } from './support/media-bodies.ts';
import { RtmpClient, chunked } from './support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from './support/test-ingest.ts';

const CHUNK_BYTES = 65_536;

describe('ingest: back-pressure', () => {
  let ingest: TestIngest;
  beforeEach(async () => {
    ingest = await startTestIngest();
  });
  afterEach(() => ingest.stop());

  it('a reader that reads nothing is cut; the publisher and the other reader go on', async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    teacher.send(chunked({ chunkStream: 2, type: 1, stream: 0, body: Buffer.from([0, 1, 0, 0]) }));
    teacher.media(9, 0, AVC_CONFIG);
    const send = (timestampMs: number, sizeBytes: number) => {
      const body = picture(timestampMs === 0, sizeBytes);
      teacher.send(
        chunked({ chunkStream: 6, type: 9, stream: 1, timestampMs, body, chunkBytes: CHUNK_BYTES }),
      );
    };
    send(0, 100);
    const { sourceUrl } = await ingest.queue.job(0);
    const authorization = await ingest.bearer('worker');
    const outgoing = request(sourceUrl, { headers: { authorization }, agent: false });
    outgoing.end();
    const [stuck] = (await once(outgoing, 'response')) as [IncomingMessage];
    stuck.pause();
    stuck.on('error', () => {});
    const reader = await FeedClient.open(sourceUrl, authorization);
    // 40 MB: more than the kernel's buffers and what a reader may leave unsent.
    for (let frame = 1; frame <= 40; frame++) {
      send(frame * 40, 1 << 20);
      await reader.until((client) => client.receivedBytes > frame << 20);
    }
    await ingest.logger.until(/feed reader cut/);
    await reader.until((client) => client.tags().at(-1)?.timestampMs === 1600);
    const text = await ingest.metrics.metrics();
    assert.match(text, /^lectern_ingest_dropped_readers_total 1$/m);
    stuck.destroy();
    teacher.close();
  });

  it('a publisher that sends a file as fast as it can is held near real time', async () => {
    const publisher = publishWithFfmpeg(ingest.publishUrl(), {
      realTime: false,
      durationS: 3600,
      video: false,
    });
    const job = await ingest.queue.job(0);
    const feed = await FeedClient.open(job.sourceUrl, await ingest.bearer('worker'));
    await feed.until((client) => (client.tags().at(-1)?.timestampMs ?? 0) > 25_000);
    // An hour of sound is some 43 MB, and takes ffmpeg seconds when nobody holds it back.
    assert.equal(publisher.process.exitCode, null);
    const { publish } = (await (await ingest.get('/api/ingest/hall-7', 'operator')).json()) as {
      publish: PublishView;
    };
    assert.ok(publish.receivedBytes < 8 << 20, `${publish.receivedBytes} bytes`);
    await publisher.kill();
  });
});
