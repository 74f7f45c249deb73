import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import {
  PUBLISHER_LIMITS,
  RtmpProtocol,
  STRANGER_LIMITS,
  readOnMetaData,
} from '../../ingest/rtmp-protocol.ts';
import { RtmpError } from '../../ingest/rtmp-error.ts';
import { AVC_CONFIG, picture } from './support/media-bodies.ts';
import { RtmpClient, amfString, chunked, command } from './support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from './support/test-ingest.ts';

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528), Buffer.alloc(1536)]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function control(type: number, body: Buffer): Buffer {
  return chunked({ chunkStream: 2, type, stream: 0, body });
}

function greeted(onMessage: (timestampMs: number, payload: Buffer) => void = () => {}): RtmpProtocol {
  const protocol = new RtmpProtocol({
    output: () => {},
    publish: () => {},
    message: ({ timestampMs, payload }) => onMessage(timestampMs, payload),
    unpublish: () => {},
    play: () => {},
  });
  protocol.feed(HANDSHAKE);
  return protocol;
}

describe('ingest: RTMP from hostile peers', () => {
  const messages = [
    { name: 'chunk size 0', bytes: control(1, u32(0)), want: /chunk size 0/ },
    { name: 'chunk size 1', bytes: control(1, u32(1)), want: /chunk size 1:/ },
    {
      name: 'chunk size with the top bit',
      bytes: control(1, u32(0x80000001)),
      want: /chunk size 2147483649/,
    },
    { name: 'a control message of one byte', bytes: control(1, Buffer.from([1])), want: /1 bytes, want 4/ },
    {
      name: 'a message of 16 MB from a stranger',
      bytes: Buffer.from('04000000ffffff0901000000' + '17', 'hex'),
      want: /message length 16777215: at most 65536/,
    },
    {
      name: 'many messages that are never finished',
      bytes: Buffer.concat(
        Array.from({ length: 6 }, (_, i) =>
          Buffer.concat([
            Buffer.from([4 + i]),
            Buffer.from('00000000fff00901000000', 'hex'),
            Buffer.alloc(128),
          ]),
        ),
      ),
      want: /messages in parts: \d+ bytes, at most 262144/,
    },
    {
      name: 'more chunk streams than anybody needs',
      bytes: Buffer.concat(
        Array.from({ length: 40 }, (_, i) =>
          chunked({ chunkStream: 3 + i, type: 4, stream: 0, body: Buffer.alloc(6) }),
        ),
      ),
      want: /chunk streams: more than 32/,
    },
    {
      name: 'a message that grows while it is sent',
      bytes: Buffer.concat([
        Buffer.from('040000000001000901000000', 'hex'),
        Buffer.alloc(128),
        Buffer.from('0400000000ffff0901000000', 'hex'),
      ]),
      want: /length 65535 within a message of 256/,
    },
    { name: 'connect without an object', bytes: command('connect', 1), want: /not RTMP/ },
    {
      name: 'publish with a number for a name',
      bytes: command('publish', 1, Buffer.from([5]), Buffer.alloc(9)),
      want: /stream name is not a string/,
    },
    {
      name: 'publish before connect',
      bytes: command('publish', 1, Buffer.from([5]), amfString('hall-7')),
      want: /publish before connect/,
    },
    {
      name: 'an AMF object nested ten thousand deep',
      bytes: command(
        'connect',
        1,
        Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from('03000161', 'hex'))),
      ),
      want: /not RTMP/,
    },
  ];
  for (const { name, bytes, want } of messages) {
    it(`${name}: one clear error`, () => {
      assert.throws(
        () => greeted().feed(bytes),
        (error) => error instanceof RtmpError && want.test(error.message),
      );
    });
  }

  it('any bytes after the handshake give nothing or an RtmpError', () => {
    const bytes = fc.uint8Array({ maxLength: 600 });
    const parts = fc.array(
      fc.oneof(
        bytes,
        bytes.map((b) => command('connect', 1, Buffer.from(b))),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const protocol = greeted();
        try {
          for (const part of list) protocol.feed(Buffer.from(part));
        } catch (error) {
          assert.ok(error instanceof RtmpError);
        }
      }),
    );
  });

  it('any bytes as metadata give null or a plain object', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const body = Buffer.concat([amfString('onMetaData'), Buffer.from(bytes)]);
        const fields = readOnMetaData(body);
        assert.ok(fields === null || typeof fields === 'object');
      }),
    );
  });

  it('any split of the bytes gives the same messages', () => {
    const stream = Buffer.concat([
      chunked({ chunkStream: 4, type: 8, stream: 1, timestampMs: 10, body: Buffer.alloc(300, 1) }),
      chunked({ chunkStream: 6, type: 9, stream: 1, timestampMs: 0x1000010, body: Buffer.alloc(1000, 2) }),
      chunked({ chunkStream: 4, type: 8, stream: 1, timestampMs: 33, body: Buffer.alloc(1, 3) }),
    ]);
    const want = [
      { timestampMs: 10, sum: 300 },
      { timestampMs: 0x1000010, sum: 2000 },
      { timestampMs: 33, sum: 3 },
    ];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
        const got: { timestampMs: number; sum: number }[] = [];
        const protocol = greeted((timestampMs, payload) => {
          got.push({ timestampMs, sum: payload.reduce((sum, byte) => sum + byte, 0) });
        });
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          protocol.feed(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(got, want);
      }),
    );
  });

  it('timestamps go on after 2^32, where deltas add up (RTMP 1.0 §5.3.1)', () => {
    const got: number[] = [];
    const protocol = greeted((timestampMs) => got.push(timestampMs));
    protocol.feed(
      chunked({ chunkStream: 4, type: 8, stream: 1, timestampMs: 0xffffffff, body: Buffer.from([0xaf]) }),
    );
    // Type 1: a delta of 23 ms, length 1, type 8.
    for (let i = 0; i < 3; i++) protocol.feed(Buffer.from('4400001700000108af', 'hex'));
    assert.deepEqual(got, [0xffffffff, 22, 45, 68]);
  });

  it('an aborted message is forgotten (RTMP 1.0 §5.4.2)', () => {
    const got: Buffer[] = [];
    const protocol = greeted((_, payload) => got.push(Buffer.from(payload)));
    protocol.feed(Buffer.concat([Buffer.from('040000000001000801000000', 'hex'), Buffer.alloc(128, 9)]));
    protocol.feed(control(2, u32(4)));
    protocol.feed(chunked({ chunkStream: 4, type: 8, stream: 1, body: Buffer.alloc(200, 1) }));
    assert.deepEqual(got, [Buffer.alloc(200, 1)]);
  });

  it('a publisher may send frames that a stranger may not', () => {
    assert.ok(PUBLISHER_LIMITS.maxMessageBytes > 4 << 20 && STRANGER_LIMITS.maxMessageBytes <= 65_536);
  });
});

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

  it('a peer that does not read what it is told is cut', async () => {
    ingest = await startTestIngest();
    const socket = connect({ port: ingest.role.rtmpPort, host: '127.0.0.1' });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.pause();
    const asks = Buffer.concat(
      Array.from({ length: 500 }, () => command('createStream', 2, Buffer.from([5]))),
    );
    socket.write(HANDSHAKE);
    const closed = once(socket, 'close');
    const refused = ingest.logger.until(/"reason":"not-reading"/);
    let done = false;
    void refused.then(() => {
      done = true;
      socket.destroy();
    });
    while (!done && !socket.destroyed) {
      if (!socket.write(asks)) await Promise.race([once(socket, 'drain'), refused, closed]);
    }
    await closed;
  });

  const misfits = [
    {
      name: 'a second publish on one connection',
      send: (c: RtmpClient) => c.publish(`hall-8?key=another-key`),
      want: /a second publish/,
    },
    {
      name: 'HEVC by Enhanced RTMP, where ffmpeg cannot read it',
      send: (c: RtmpClient) => c.media(9, 0, Buffer.from('9068766331' + '00'.repeat(20), 'hex')),
      want: /hevc by Enhanced RTMP needs ffmpeg 6\.1/,
    },
    {
      name: 'VP6',
      send: (c: RtmpClient) => c.media(9, 0, Buffer.alloc(20, 0x14)),
      want: /video is vp6: want H\.264/,
    },
    {
      name: 'an unreadable H.264 header',
      send: (c: RtmpClient) => c.media(9, 0, Buffer.from('170000000001ff', 'hex')),
      want: /H\.264 sequence header cannot be read/,
    },
    {
      name: 'an unreadable AAC header',
      send: (c: RtmpClient) => c.media(8, 0, Buffer.from('af00ff', 'hex')),
      want: /AAC sequence header cannot be read/,
    },
    {
      name: 'a leap in time',
      send: (c: RtmpClient) => {
        c.media(9, 0, AVC_CONFIG);
        c.media(9, 0, picture(true));
        c.media(9, 90_000, picture(true));
      },
      want: /timestamps leap from 0 to 90000 ms/,
    },
  ];
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
