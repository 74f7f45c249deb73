import assert from 'node:assert/strict';
import type { IngestView } from '../../../ingest/ingest-api.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SourceClient } from '../support/source-client.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';
import { RtmpClient, chunked } from '../support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from '../support/test-ingest.ts';

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528), Buffer.alloc(1536)]);

describe('ingest: hostile connections', () => {
  let ingest: TestIngest;
  afterEach(() => ingest.stop());

  const openRaw = async (): Promise<Socket> => {
    const socket = connect({ port: ingest.role.rtmpPort, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    return socket;
  };
  const accepts = async () => {
    const teacher = new RtmpClient(ingest.role.rtmpPort);
    await teacher.publishAs(`hall-7?key=${TEST_KEY}`);
    await teacher.hears('NetStream.Publish.Start');
    return teacher;
  };

  const closeOf = async (socket: Socket): Promise<void> =>
    socket.closed ? undefined : new Promise((resolve) => socket.on('close', () => resolve()));
  // One in three says nothing, one a single byte, one all but the last byte of the greeting.
  const halfOpen = async (socket: Socket, kind: number): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', () => resolve());
      socket.on('connect', () => {
        if (kind > 0) socket.write(HANDSHAKE.subarray(0, kind === 1 ? 1 : 1536));
        socket.resume();
        resolve();
      });
    });

  const garbage = [
    { name: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n') },
    { name: 'TLS', bytes: Buffer.from('16030100', 'hex') },
    { name: 'a handshake and then noise', bytes: Buffer.concat([HANDSHAKE, Buffer.alloc(4096, 0xff)]) },
  ];
  for (const { name, bytes } of garbage) {
    it(`${name} is closed, and the next teacher is served`, async () => {
      ingest = await startTestIngest();
      const socket = await openRaw();
      socket.write(bytes);
      await once(socket, 'close');
      await ingest.logger.until(/"reason":"garbage"/);
      (await accepts()).close();
    });
  }

  it('thirty of them are logged once a second', async () => {
    ingest = await startTestIngest();
    const startMs = Date.now();
    for (let i = 0; i < 30; i++) {
      const socket = await openRaw();
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await closeOf(socket);
    }
    (await accepts()).close();
    const lines = ingest.logger.lines.filter((line) => line.includes('"reason":"garbage"'));
    const seconds = Math.floor((Date.now() - startMs) / 1000);
    assert.ok(lines.length >= 1 && lines.length <= Math.min(29, seconds + 1), `${lines.length}`);
  });

  it('thousands of half-open connections: the number is bounded, and all are closed in time', async () => {
    ingest = await startTestIngest({ maxConnections: 300, silenceMs: 1000 });
    const closed: Promise<void>[] = [];
    // By the hundred, so that the kernel's queue of connections to be accepted does not overflow.
    for (let batch = 0; batch < 20; batch++) {
      const sockets = Array.from({ length: 100 }, () =>
        connect({ port: ingest.role.rtmpPort, host: '127.0.0.1' }),
      );
      await Promise.all(sockets.map(async (socket, i) => halfOpen(socket, i % 3)));
      closed.push(...sockets.map(async (socket) => closeOf(socket)));
    }
    await Promise.all(closed);
    const text = await ingest.metrics.metrics();
    const count = (reason: string) => Number(new RegExp(`reason="${reason}"} (\\d+)`).exec(text)?.[1] ?? 0);
    assert.ok(count('no-handshake') > 0 && count('too-many-connections') > 0);
    assert.equal(count('no-handshake') + count('too-many-connections'), 2000);
    (await accepts()).close();
  });

  it('a publisher that falls silent is closed after the time of the configuration', async () => {
    ingest = await startTestIngest({ silenceMs: 1000 });
    const teacher = await accepts();
    teacher.media(9, 0, AVC_CONFIG);
    await teacher.gone();
    assert.match(teacher.heard, /nothing received for 1000 ms/);
  });

  const misfits = [
    {
      name: 'VP6',
      send: (c: RtmpClient) => c.media(9, 0, Buffer.alloc(20, 0x14)),
      want: /video is vp6: set the encoder's video codec to H\.264/,
    },
  ];
  it('an address has 64 connections that are not on air: the oldest goes for a new one, and none that publishes', async () => {
    ingest = await startTestIngest();
    const { rtmpPort } = ingest.role;
    const teacher = await accepts();
    const idle = Array.from({ length: 64 }, () => new RtmpClient(rtmpPort));
    await Promise.all(idle.map((client) => client.greet()));
    const more = Array.from({ length: 3 }, () => new RtmpClient(rtmpPort));
    await Promise.all(idle.slice(0, 3).map((client) => client.gone()));
    const lines = await ingest.logger.until(
      /connection refused: 64 connections of this address are not on air/,
    );
    assert.equal(lines.length, 1, 'one line for all of them');
    const next = new RtmpClient(rtmpPort);
    await next.publishAs('hall-8?key=another-key');
    await next.hears('NetStream.Publish.Start');
    await idle[3]?.gone();
    assert.deepEqual([teacher.closed, ...more.map(({ closed }) => closed)], [false, false, false, false]);
    for (const client of [...idle, ...more, next, teacher]) client.close();
  });

  it('a publisher whose broadcast no transcode worker reads is told so, and her channel is free again', async () => {
    ingest = await startTestIngest({ transcoderWaitMs: 1000 });
    const read = await accepts();
    const described = (client: RtmpClient) => {
      client.media(9, 0, AVC_CONFIG);
      client.media(8, 0, AAC_CONFIG);
      client.media(9, 0, picture(true));
      client.media(8, 0, sound());
    };
    described(read);
    const job = await ingest.queue.job(0);
    const reader = await SourceClient.open(job.sourceUrl, await ingest.bearer('worker'));
    const lonely = new RtmpClient(ingest.role.rtmpPort);
    await lonely.publishAs('hall-8?key=another-key');
    described(lonely);
    await lonely.gone();
    assert.match(
      lonely.heard,
      /no transcode worker read this broadcast for 1000 ms: the fault is the server's/,
    );
    const answer = await ingest.get('/api/ingest/hall-8', 'teacher', 'hall-8');
    const { publish, refused } = (await answer.json()) as IngestView;
    assert.equal(publish, null);
    assert.equal(refused?.reason, 'no-transcoder');
    assert.ok(refused.agoMs >= 0);
    assert.ok(!read.closed, 'the one that is read goes on');
    // Its worker gave up.
    reader.close();
    await read.gone();
    assert.match(read.heard, /no transcode worker read this broadcast/);
    const again = await accepts();
    again.close();
  });

  it('a fault of this server is not the peer’s: logged with its stack, counted, and one connection is closed', async () => {
    ingest = await startTestIngest();
    const other = new RtmpClient(ingest.role.rtmpPort);
    await other.publishAs('hall-8?key=another-key');
    await other.hears('NetStream.Publish.Start');
    const teacher = await accepts();
    const inc = ingest.metrics.getSingleMetric('lectern_ingest_received_bytes_total');
    assert.ok(inc !== undefined);
    Object.assign(inc, {
      inc: () => {
        throw new TypeError('a bug');
      },
    });
    teacher.media(9, 0, AVC_CONFIG);
    await teacher.gone();
    assert.match(teacher.heard, /NetConnection\.Connect\.Failed/);
    assert.match(teacher.heard, /the server failed: connect again/);
    const [line] = await ingest.logger.until(/ingest failed: one connection is closed/);
    assert.match(line ?? '', /TypeError: a bug.*test\.ts/);
    assert.match(await ingest.metrics.metrics(), /refused_total\{reason="internal"\} 1$/m);
    assert.ok(!ingest.logger.lines.some((text) => text.includes('"reason":"garbage"')));
    assert.ok(!other.closed);
    other.close();
  });

  it('a peer that does not read its answers is cut', async () => {
    ingest = await startTestIngest();
    const client = new RtmpClient(ingest.role.rtmpPort);
    await client.greet();
    client.connectApp();
    await client.hears('NetConnection.Connect.Success');
    client.socket.pause();
    // 18 MB of pings: more answers than the kernel's buffers hold.
    const ping = chunked({ chunkStream: 2, type: 4, stream: 0, body: Buffer.from('000600000000', 'hex') });
    client.send(Buffer.alloc(1_000_000 * ping.length, ping));
    await ingest.logger.until(/does not read its answers/);
    client.close();
  });

  for (const { name, send, want } of misfits) {
    it(`${name}: refused with a reason`, async () => {
      ingest = await startTestIngest();
      const teacher = await accepts();
      send(teacher);
      await teacher.gone();
      assert.match(teacher.heard, want);
    });
  }
});
