import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { PublishView } from '../../../ingest/ingest-api.ts';
import { SourceClient } from '../support/source-client.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';
import { RtmpClient, chunked } from '../support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from '../support/test-ingest.ts';

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
    const reader = await SourceClient.open(sourceUrl, authorization);
    // 40 MB: more than the kernel's buffers and what a reader may leave unsent.
    for (let frame = 1; frame <= 40; frame++) {
      send(frame * 40, 1 << 20);
      await reader.until((client) => client.receivedBytes > frame << 20);
    }
    await ingest.logger.until(/source reader disconnected/);
    await reader.until((client) => client.tags().at(-1)?.timestampMs === 1600);
    const text = await ingest.metrics.metrics();
    assert.match(text, /^lectern_ingest_dropped_readers_total 1$/m);
    stuck.destroy();
    teacher.close();
  });

  it('a publisher that sends faster than its media plays has to wait', async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    teacher.media(8, 0, AAC_CONFIG);
    // Twenty minutes of sound at once.
    for (let frame = 0; frame < 60_000; frame++) teacher.media(8, frame * 20, sound(100));
    await ingest.queue.job(0);
    let received = 0;
    // Each answer takes a turn of the event loop; unhindered, two dozen of them would do for reading all of it.
    for (let turn = 0; turn < 100; turn++) {
      const response = await ingest.get('/api/ingest/hall-7', 'operator');
      received = ((await response.json()) as { publish: PublishView }).publish.receivedBytes;
    }
    assert.ok(received > 10_000 && received < 1_000_000, `${received} of 6,000,000 bytes`);
    const second = new RtmpClient(ingest.role.rtmpPort);
    await second.publishAs(`hall-7?key=${TEST_KEY}`);
    await second.gone();
    assert.match(second.heard, /channel hall-7 is live already/);
    teacher.close();
  });
});
