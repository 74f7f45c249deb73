import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SourceClient } from '../support/source-client.ts';
import { publishWithFfmpeg } from '../support/ffmpeg-publisher.ts';
import { attackOnce, holdsHostileMedia } from '../support/hostile-publisher.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';
import { RtmpClient, amfString, chunked } from '../support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from '../support/test-ingest.ts';

const TRIES = 50;
const STREAM = `hall-7?key=${TEST_KEY}`;

describe('ingest: who may publish', () => {
  let ingest: TestIngest;
  beforeEach(async () => {
    ingest = await startTestIngest();
  });
  afterEach(() => ingest.stop());

  it('the hole is there: plain node-media-server puts a refused publisher on air', async () => {
    const program = fileURLToPath(new URL('../support/plain-node-media-server.ts', import.meta.url));
    const plain = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    const listens = new Promise<number>((resolve) => {
      plain.stdout.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        const port = /^port (\d+)$/m.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
    const player = new RtmpClient(await listens);
    await player.greet();
    player.connectApp();
    player.send(
      chunked({
        chunkStream: 8,
        type: 20,
        stream: 1,
        body: Buffer.concat([amfString('play'), Buffer.alloc(9), Buffer.from([5]), amfString('hall-7')]),
      }),
    );
    await player.hears('NetStream.Play.Start');
    await attackOnce(player.socket.remotePort ?? 0, 'hall-7?key=wrong');
    await player.hears('\xe7'.repeat(16));
    assert.ok(holdsHostileMedia(Buffer.from(player.heard, 'latin1')));
    player.close();
    plain.stdin.end();
    await once(plain, 'exit');
  });

  it(`a wrong key, ${TRIES} times at full speed, puts not one byte into the source of a live publisher`, async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(STREAM);
    await teacher.hears('NetStream.Publish.Start');
    let timestampMs = 0;
    const beat = setInterval(() => {
      if (timestampMs === 0) teacher.media(9, 0, AVC_CONFIG);
      if (timestampMs === 0) teacher.media(8, 0, AAC_CONFIG);
      teacher.media(9, timestampMs, picture(timestampMs % 400 === 0));
      teacher.media(8, timestampMs, sound());
      timestampMs += 40;
    }, 20);
    const job = await ingest.queue.job(0);
    const reader = await SourceClient.open(job.sourceUrl, await ingest.bearer('worker'));
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const heard = await attackOnce(ingest.role.rtmpPort, 'hall-7?key=wrong');
      assert.ok(!heard.includes('NetStream.Publish.Start'), 'a wrong key was told that it may publish');
    }
    const tagsBefore = reader.tags().length;
    await reader.until((client) => client.tags().length > tagsBefore + 4);
    clearInterval(beat);
    assert.ok(!holdsHostileMedia(reader.bytes));
    assert.ok(
      holdsHostileMedia(Buffer.concat([reader.bytes, picture(true, 400, 0xe7)])),
      'the check can fail',
    );
    assert.equal(ingest.queue.jobs.length, 1);
    teacher.close();
    assert.equal(await reader.outcome(), 'broken');
  });

  it(`a wrong key, ${TRIES} times on an idle channel, makes no broadcast`, async () => {
    for (let attempt = 0; attempt < TRIES; attempt++)
      await attackOnce(ingest.role.rtmpPort, 'hall-7?key=wrong');
    const refused = new RegExp(`refused_total\\{reason="wrong-key"\\} ${TRIES}$`, 'm');
    assert.match(await ingest.metrics.metrics(), refused);
    const lines = ingest.logger.lines.filter((line) => line.includes('wrong-key'));
    assert.ok(lines.length > 0 && lines.length < TRIES, `${lines.length} lines`);
    assert.equal(ingest.queue.jobs.length, 0);
    const view = (await (await ingest.get('/api/ingest/hall-7', 'operator')).json()) as { publish: unknown };
    assert.equal(view.publish, null);
  });

  const refusals = [
    {
      name: 'a wrong key',
      app: 'live',
      stream: 'hall-7?key=wrong',
      want: 'wrong key for channel hall-7',
    },
    { name: 'no key', app: 'live', stream: 'hall-7', want: 'wrong key for channel hall-7' },
    {
      name: "another channel's key",
      app: 'live',
      stream: 'hall-7?key=another-key',
      want: 'wrong key for channel',
    },
    {
      name: 'an unknown channel',
      app: 'live',
      stream: `hall-9?key=${TEST_KEY}`,
      want: 'no such channel: want the channel, a question mark and its key',
    },
    {
      name: 'a key that was glued to the channel',
      app: 'live',
      stream: `hall-7&key=${TEST_KEY}`,
      want: 'no such channel: want the channel, a question mark and its key',
    },
    {
      name: 'a key in place of the channel',
      app: 'live',
      stream: 'another-key',
      want: 'no such channel: want the channel, a question mark and its key',
    },
    {
      name: 'a channel like a path',
      app: 'live',
      stream: `../x?key=${TEST_KEY}`,
      want: 'no such channel: want the channel, a question mark and its key',
    },
    { name: 'another app', app: 'vod', stream: STREAM, want: 'publish to rtmp://' },
  ];
  for (const { name, app, stream, want } of refusals) {
    it(`${name} is refused with a reason, and its key is not logged`, async () => {
      const client = new RtmpClient(ingest.role.rtmpPort);
      await client.publishAs(stream, app);
      await client.gone();
      assert.ok(client.heard.includes('NetStream.Publish.BadName'), client.heard);
      assert.ok(client.heard.includes(want), client.heard);
      assert.ok(!client.heard.includes('NetStream.Publish.Start'));
      const log = ingest.logger.lines.join('\n');
      assert.ok(!log.includes(TEST_KEY) && !log.includes('key=') && !log.includes('another-key'), log);
    });
  }

  const keys = [
    { name: 'as it is', given: TEST_KEY },
    { name: 'percent-escaped', given: encodeURIComponent(TEST_KEY) },
    { name: 'with more behind it', given: `${encodeURIComponent(TEST_KEY)}&session=4` },
  ];
  for (const { name, given } of keys) {
    it(`the right key, ${name}, is accepted`, async () => {
      const client = new RtmpClient(ingest.role.rtmpPort);
      await client.publishAs(`hall-7?key=${given}`);
      await client.hears('NetStream.Publish.Start');
      client.close();
    });
  }

  it('from the tenth wrong key on the answer comes later, and the right key is answered at once', async () => {
    const guess = async () => {
      const client = new RtmpClient(ingest.role.rtmpPort);
      await client.publishAs('hall-7?key=wrong');
      return client;
    };
    for (let i = 0; i < 9; i++) await (await guess()).gone();
    const tenth = await guess();
    // A second guess on this connection is not looked at before the answer to the first.
    tenth.publish(STREAM);
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(STREAM);
    await teacher.hears('NetStream.Publish.Start');
    assert.ok(!tenth.closed && !tenth.heard.includes('NetStream.Publish'));
    await tenth.gone();
    assert.match(tenth.heard, /wrong key for channel hall-7/);
    assert.ok(!tenth.heard.includes('NetStream.Publish.Start'));
    teacher.close();
  });

  it('the page of a teacher whose encoder has a wrong key can say so', async () => {
    const client = new RtmpClient(ingest.role.rtmpPort);
    await client.publishAs('hall-7?key=wrong');
    await client.gone();
    const answer = await ingest.get('/api/ingest/hall-7', 'teacher', 'hall-7');
    const { refused } = (await answer.json()) as { refused: { reason: string } };
    assert.equal(refused.reason, 'wrong-key');
  });

  it('nobody plays from here', async () => {
    const player = new RtmpClient(ingest.role.rtmpPort);
    await player.greet();
    player.connectApp();
    const body = Buffer.concat([amfString('play'), Buffer.alloc(9), Buffer.from([5]), amfString(STREAM)]);
    player.send(chunked({ chunkStream: 8, type: 20, stream: 1, body }));
    await player.gone();
    assert.ok(player.heard.includes('this server does not play over RTMP'));
  });

  it('ffmpeg tells its user why: wrong key, and a second publisher', async () => {
    const wrong = publishWithFfmpeg(ingest.publishUrl('hall-7', 'wrong'), { realTime: false });
    assert.notEqual(await wrong.exit, 0);
    assert.match(wrong.log(), /wrong key for channel hall-7/);
    const teacher = publishWithFfmpeg(ingest.publishUrl());
    const job = await ingest.queue.job(0);
    const second = publishWithFfmpeg(ingest.publishUrl(), { realTime: false });
    assert.notEqual(await second.exit, 0);
    assert.match(second.log(), /channel hall-7 is live already/);
    const view = (await (await ingest.get('/api/ingest/hall-7', 'operator')).json()) as {
      publish: { broadcast: string };
    };
    assert.equal(view.publish.broadcast, job.broadcast);
    await teacher.kill();
  });
});
