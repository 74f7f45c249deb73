import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { readOnMetaData } from '../../../media/flv/script-data.ts';
import { PUBLISHER_LIMITS, RtmpProtocol, COMMAND_LIMITS } from '../../../ingest/rtmp/rtmp-protocol.ts';
import { RtmpError } from '../../../ingest/rtmp/rtmp-error.ts';
import { amfObject, amfString, chunked, command } from '../support/rtmp-client.ts';

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
    message: (_, { timestampMs, payload }) => onMessage(timestampMs, payload),
    unpublish: () => {},
    play: () => {},
    answered: () => {},
  });
  protocol.receive(HANDSHAKE);
  return protocol;
}

describe('ingest: RTMP from hostile peers', () => {
  it('nothing of a connect is echoed that was not checked', () => {
    const said: Buffer[] = [];
    const protocol = new RtmpProtocol({
      output: (bytes) => said.push(bytes),
      publish: () => {},
      message: () => {},
      unpublish: () => {},
      play: () => {},
      answered: () => {},
    });
    protocol.receive(HANDSHAKE);
    said.length = 0;
    const strange = [
      ['app', 'live'],
      ['objectEncoding', 'e'.repeat(900)],
    ] as const;
    protocol.receive(command('connect', 7, amfObject(strange)));
    const answer = Buffer.concat(said);
    assert.ok(answer.includes('NetConnection.Connect.Success'));
    assert.ok(!answer.includes('eee') && answer.length < 400, `${answer.length} bytes`);
  });

  const messages = [
    { name: 'chunk size 0', bytes: control(1, u32(0)), want: /chunk size 0/ },
    {
      name: 'chunk size with the top bit',
      bytes: control(1, u32(0x80000001)),
      want: /chunk size 2147483649/,
    },
    { name: 'a control message of one byte', bytes: control(1, Buffer.from([1])), want: /1 bytes, want 4/ },
    {
      name: 'a message of 16 MB before the key is checked',
      bytes: Buffer.from('04000000ffffff0901000000' + '17', 'hex'),
      want: /message length 16777215: at most 65536/,
    },
    { name: 'a long command', bytes: command('connect', 1, Buffer.alloc(20_000)), want: /at most 16384/ },
    {
      name: 'a connect without an app',
      bytes: command('connect', 1, amfObject([['flashVer', 'x']])),
      want: /connect: app is not a string/,
    },
    {
      name: 'a second connect',
      bytes: Buffer.concat([
        command('connect', 1, amfObject([['app', 'live']])),
        command('connect', 2, amfObject([['app', 'live']])),
      ]),
      want: /a second connect/,
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
    { name: 'connect without an object', bytes: command('connect', 1), want: /app is not a string/ },
    {
      name: 'publish before connect',
      bytes: command('publish', 1, Buffer.from([5]), amfString('hall-7')),
      want: /publish before connect/,
    },
    {
      name: 'an AMF object nested a thousand deep',
      bytes: command(
        'connect',
        1,
        Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from('03000161', 'hex'))),
      ),
      want: /connect: app is not a string/,
    },
  ];
  for (const { name, bytes, want } of messages) {
    it(`${name}: one clear error`, () => {
      assert.throws(
        () => greeted().receive(bytes),
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
          for (const part of list) protocol.receive(Buffer.from(part));
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
          protocol.receive(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(got, want);
      }),
    );
  });

  it('timestamps go on after 2^32, where deltas add up (RTMP 1.0 §5.3.1)', () => {
    const got: number[] = [];
    const protocol = greeted((timestampMs) => got.push(timestampMs));
    protocol.receive(
      chunked({ chunkStream: 4, type: 8, stream: 1, timestampMs: 0xffffffff, body: Buffer.from([0xaf]) }),
    );
    // Type 1: a delta of 23 ms, length 1, type 8.
    for (let i = 0; i < 3; i++) protocol.receive(Buffer.from('4400001700000108af', 'hex'));
    assert.deepEqual(got, [0xffffffff, 22, 45, 68]);
  });

  it('an aborted message is forgotten (RTMP 1.0 §5.4.2)', () => {
    const got: Buffer[] = [];
    const protocol = greeted((_, payload) => got.push(Buffer.from(payload)));
    protocol.receive(Buffer.concat([Buffer.from('040000000001000801000000', 'hex'), Buffer.alloc(128, 9)]));
    protocol.receive(control(2, u32(4)));
    protocol.receive(chunked({ chunkStream: 4, type: 8, stream: 1, body: Buffer.alloc(200, 1) }));
    assert.deepEqual(got, [Buffer.alloc(200, 1)]);
  });

  it('a publisher may send frames that an unauthorized peer may not', () => {
    assert.ok(PUBLISHER_LIMITS.maxMessageBytes > 4 << 20 && COMMAND_LIMITS.maxMessageBytes <= 65_536);
  });
});
