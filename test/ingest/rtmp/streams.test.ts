import assert from 'node:assert/strict';
import type { IngestView } from '../../../ingest/ingest-api.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';
import { RtmpClient, amfNumber, amfString, chunked, command } from '../support/rtmp-client.ts';
import { SourceClient } from '../support/source-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from '../support/test-ingest.ts';

const NULL = Buffer.of(5);
const HALL_7 = `hall-7?key=${TEST_KEY}`;
const HALL_8 = 'hall-8?key=another-key';

describe('ingest: streams of one RTMP connection', () => {
  let ingest: TestIngest;
  const clients: RtmpClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await ingest.stop();
  });

  const connect = async (): Promise<RtmpClient> => {
    const client = new RtmpClient(ingest.role.rtmpPort);
    clients.push(client);
    await client.greet();
    client.connectApp();
    return client;
  };
  const publish = (client: RtmpClient, stream: number, ...args: readonly Buffer[]) => {
    const body = Buffer.concat([amfString('publish'), amfNumber(3), NULL, ...args]);
    client.send(chunked({ chunkStream: 8, type: 20, stream, body }));
  };
  /** A second of media on a stream, and the job that follows from it. */
  const begin = async (client: RtmpClient, stream: number, job: number) => {
    const send = (type: number, timestampMs: number, body: Buffer) =>
      client.send(chunked({ chunkStream: 10 + 2 * stream + (type & 1), type, stream, timestampMs, body }));
    send(9, 0, AVC_CONFIG);
    send(8, 0, AAC_CONFIG);
    send(9, 0, picture(true));
    send(8, 0, sound());
    return ingest.queue.job(job);
  };
  const onAir = async (channel: string): Promise<boolean> => {
    const answer = await ingest.get(`/api/ingest/${channel}`, 'operator');
    return ((await answer.json()) as IngestView).publish !== null;
  };
  const starts = (client: RtmpClient) => client.heard.split('NetStream.Publish.Start').length - 1;
  const heardStarts = async (client: RtmpClient, count: number) => {
    while (starts(client) < count) await client.hears('NetStream.Publish.Start', starts(client));
  };

  it('two channels from one encoder: each has its own media, and its own end', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    publish(client, 2, amfString(HALL_8), amfString('live'));
    await heardStarts(client, 2);
    const first = await begin(client, 1, 0);
    const second = await begin(client, 2, 1);
    assert.deepEqual([first.channel, second.channel], ['hall-7', 'hall-8']);
    const sources = [];
    for (const { sourceUrl } of [first, second]) {
      sources.push(await SourceClient.open(sourceUrl, await ingest.bearer('worker')));
    }
    client.send(command('deleteStream', 0, NULL, amfNumber(1)));
    assert.equal(await sources[0]?.outcome(), 'over');
    await client.hears('NetStream.Unpublish.Success');
    assert.ok(await onAir('hall-8'));
    client.close();
    assert.equal(await sources[1]?.outcome(), 'broken');
  });

  const stops: { name: string; stop: (client: RtmpClient) => void }[] = [
    { name: 'publish(false)', stop: (client) => publish(client, 1, Buffer.of(1, 0)) },
    { name: 'publish(null)', stop: (client) => publish(client, 1, NULL) },
    { name: 'publish without a name', stop: (client) => publish(client, 1) },
    { name: 'publish("false")', stop: (client) => publish(client, 1, amfString('false')) },
    {
      name: 'FCUnpublish',
      stop: (client) => client.send(command('FCUnpublish', 6, NULL, amfString(HALL_7))),
    },
    {
      name: 'FCUnpublish of the channel alone',
      stop: (client) => client.send(command('FCUnpublish', 6, NULL, amfString('hall-7'))),
    },
    { name: 'FCUnpublish without a name', stop: (client) => client.unpublish() },
    {
      name: 'FCUnpublish of another name',
      stop: (client) => client.send(command('FCUnpublish', 6, NULL, amfString('live'))),
    },
    {
      name: 'closeStream',
      stop: (client) =>
        client.send(
          chunked({
            chunkStream: 8,
            type: 20,
            stream: 1,
            body: Buffer.concat([amfString('closeStream'), amfNumber(0), NULL]),
          }),
        ),
    },
    { name: 'closeStream on stream 0', stop: (client) => client.send(command('closeStream', 0, NULL)) },
    { name: 'deleteStream', stop: (client) => client.send(command('deleteStream', 0, NULL, amfNumber(1))) },
    {
      name: 'deleteStream of 0',
      stop: (client) => client.send(command('deleteStream', 0, NULL, amfNumber(0))),
    },
    {
      name: 'deleteStream of a stream that is not there',
      stop: (client) => client.send(command('deleteStream', 0, NULL, amfNumber(7))),
    },
  ];
  for (const { name, stop } of stops) {
    it(`${name} ends the broadcast properly, and the connection may publish again`, async () => {
      ingest = await startTestIngest();
      const client = await connect();
      publish(client, 1, amfString(HALL_7), amfString('live'));
      await heardStarts(client, 1);
      const { sourceUrl } = await begin(client, 1, 0);
      const source = await SourceClient.open(sourceUrl, await ingest.bearer('worker'));
      stop(client);
      assert.equal(await source.outcome(), 'over');
      publish(client, 1, amfString(HALL_7), amfString('live'));
      await heardStarts(client, 2);
      assert.notEqual((await begin(client, 1, 1)).broadcast, null);
      assert.ok(!client.closed);
    });
  }

  it('a stop of a stream that is not there, behind which media goes on, is none', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    await heardStarts(client, 1);
    await begin(client, 1, 0);
    let atMs = 0;
    const beat = setInterval(() => client.media(8, (atMs += 20), sound()), 20).unref();
    client.send(command('deleteStream', 0, NULL, amfNumber(7)));
    client.send(command('FCUnpublish', 0, NULL, amfString('hall-9')));
    const job = ingest.queue.jobs[0];
    const source = await SourceClient.open(job?.sourceUrl ?? '', await ingest.bearer('worker'));
    // Longer than a stop that is meant takes to count.
    await source.until((read) => (read.tags().at(-1)?.timestampMs ?? 0) > 3000);
    clearInterval(beat);
    assert.ok(await onAir('hall-7'));
  });

  it('a line that drops right behind a stop with a wrong number was stopped', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    await heardStarts(client, 1);
    const { sourceUrl } = await begin(client, 1, 0);
    const source = await SourceClient.open(sourceUrl, await ingest.bearer('worker'));
    client.send(command('deleteStream', 0, NULL, amfNumber(7)));
    client.socket.end();
    assert.equal(await source.outcome(), 'over');
  });

  it('the same publish again is answered again and changes nothing; another name takes its place', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    publish(client, 1, amfString(HALL_7), amfString('live'));
    await heardStarts(client, 2);
    await begin(client, 1, 0);
    publish(client, 1, amfString(HALL_8), amfString('live'));
    await heardStarts(client, 3);
    assert.deepEqual([await onAir('hall-7'), await onAir('hall-8')], [false, true]);
  });

  it('a wrong key on a second stream is refused there, and the first goes on', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    await heardStarts(client, 1);
    publish(client, 2, amfString('hall-8?key=wrong'), amfString('live'));
    await client.hears('wrong key for channel hall-8');
    client.send(command('play', 0, NULL, amfString('hall-8')));
    await client.hears('this server does not play over RTMP');
    assert.ok(await onAir('hall-7'));
    assert.ok(!client.closed);
  });

  it('media on another stream than the one that is published belongs to it where it is the only one', async () => {
    ingest = await startTestIngest();
    const client = await connect();
    publish(client, 1, amfString(HALL_7), amfString('live'));
    await heardStarts(client, 1);
    assert.equal((await begin(client, 0, 0)).channel, 'hall-7');
  });

  it('a name in the app alone is enough: publish without a stream name', async () => {
    ingest = await startTestIngest();
    const client = new RtmpClient(ingest.role.rtmpPort);
    clients.push(client);
    await client.greet();
    client.connectApp(`live/${HALL_7}`);
    publish(client, 1, NULL);
    await heardStarts(client, 1);
  });
});

describe('ingest: silence on an RTMP connection', () => {
  let ingest: TestIngest;
  let client: RtmpClient;
  afterEach(async () => {
    client.close();
    await ingest.stop();
  });

  const PING = '\x02\x00\x00\x00\x00\x00\x06\x04\x00\x00\x00\x00\x00\x06';

  it('a publisher with nothing to send stays as long as it answers pings', async () => {
    ingest = await startTestIngest({ silenceMs: 1000 });
    client = new RtmpClient(ingest.role.rtmpPort);
    await client.publishAs(HALL_7);
    await client.hears('NetStream.Publish.Start');
    // Pings come from a quarter of the time on: eight of them are twice the time in which it would be closed.
    for (let ping = 0; ping < 8; ping++) {
      await client.hears(PING, ping);
      client.send(chunked({ chunkStream: 2, type: 4, stream: 0, body: Buffer.from('000700000001', 'hex') }));
    }
    assert.ok(!client.closed);
  });

  it('one that does not answer them is told and closed', async () => {
    ingest = await startTestIngest({ silenceMs: 1000 });
    client = new RtmpClient(ingest.role.rtmpPort);
    await client.publishAs(HALL_7);
    await client.gone();
    assert.ok(client.heard.split(PING).length - 1 >= 2, 'was asked before');
    assert.match(client.heard, /NetConnection\.Connect\.IdleTimeOut/);
  });

  it('one that has stopped and neither publishes nor leaves is closed, which is no refusal', async () => {
    ingest = await startTestIngest({ silenceMs: 1000 });
    client = new RtmpClient(ingest.role.rtmpPort);
    await client.publishAs(HALL_7);
    await client.hears('NetStream.Publish.Start');
    client.unpublish();
    await client.gone();
    assert.ok(!/refused_total\{/.test(await ingest.metrics.metrics()));
  });
});
