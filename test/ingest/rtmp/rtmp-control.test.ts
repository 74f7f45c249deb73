import assert from 'node:assert/strict';
import { amfString, chunked } from '../support/rtmp-client.ts';
import { connected, type Said } from '../support/rtmp-peer.ts';

const u32 = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
};
const control = (type: number, body: Buffer) => chunked({ chunkStream: 2, type, stream: 0, body });

describe('ingest: RTMP control messages (RTMP 1.0 §5.4, §7.1.7)', () => {
  const acks = (said: readonly Said[]) =>
    said.filter(({ type }) => type === 3).map(({ body }) => body.readUInt32BE(0));
  const media = chunked({
    chunkStream: 4,
    type: 8,
    stream: 1,
    body: Buffer.alloc(60_000, 9),
    chunkBytes: 65_536,
  });
  const sized = control(1, u32(65_536));

  it('§5.4.3 bytes are acknowledged by the window of the server where the peer names none', () => {
    const peer = connected();
    const said = peer.send(sized, ...Array.from({ length: 90 }, () => media));
    const got = acks(said);
    assert.ok(got.length >= 1);
    // Never are 5,000,000 bytes without an acknowledgement.
    let before = 0;
    for (const at of [...got, 90 * media.length]) {
      assert.ok(at - before < 5_000_000 && at > before, `${before} to ${at}`);
      before = at;
    }
  });

  for (const chunkBytes of [1, 64, 127, 128, 65_536, 0xffffff, 0x7fffffff]) {
    it(`§5.4.1 chunks of ${chunkBytes} bytes give the messages that were cut into them`, () => {
      const peer = connected();
      const body = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
      const cut = chunked({ chunkStream: 4, type: 9, stream: 1, body, chunkBytes });
      peer.send(control(1, u32(chunkBytes)), cut, cut);
      assert.deepEqual(
        peer.messages.map(({ hex }) => hex),
        [body.toString('hex'), body.toString('hex')],
      );
    });
  }

  for (const windowBytes of [1000, 65_536, 2_500_000, 5_000_000, 100_000_000, 0]) {
    it(`§5.4.4 a window of ${windowBytes}: a peer that stops when it is full goes on`, () => {
      const peer = connected();
      peer.send(control(5, u32(windowBytes)), sized);
      let sent = 0;
      let acked = 0;
      // The peer counts what it sent since the window was named, and never has more than the window under way.
      const mayBe = Math.min(windowBytes || 5_000_000, 5_000_000);
      for (let i = 0; i < 200; i++) {
        const got = acks(peer.send(media));
        sent += media.length;
        if (got.length > 0) acked = sent;
        assert.ok(sent - acked < Math.max(mayBe, media.length), `${sent - acked} bytes of ${mayBe}`);
      }
    });
  }

  const limits = [
    { name: 'hard', sent: [[1_000_000, 0]], want: [1_000_000] },
    { name: 'soft and smaller', sent: [[1_000_000, 1]], want: [1_000_000] },
    { name: 'soft and larger', sent: [[9_000_000, 1]], want: [] },
    { name: 'dynamic behind nothing', sent: [[1_000_000, 2]], want: [] },
    {
      name: 'dynamic behind hard',
      sent: [
        [1_000_000, 0],
        [2_000_000, 2],
      ],
      want: [1_000_000, 2_000_000],
    },
    {
      name: 'dynamic behind soft',
      sent: [
        [1_000_000, 1],
        [2_000_000, 2],
      ],
      want: [1_000_000],
    },
    {
      name: 'the same again',
      sent: [
        [1_000_000, 0],
        [1_000_000, 0],
      ],
      want: [1_000_000],
    },
  ] as const;
  for (const { name, sent, want } of limits) {
    it(`§5.4.5 Set Peer Bandwidth, ${name}: answered by a window where it changes`, () => {
      const peer = connected();
      const bytes = sent.map(([size, limit]) => control(6, Buffer.concat([u32(size), Buffer.of(limit)])));
      const windows = peer.send(...bytes).filter(({ type }) => type === 5);
      assert.deepEqual(
        windows.map(({ body }) => body.readUInt32BE(0)),
        want,
      );
    });
  }

  it('§7.1.7 a ping is answered with its own time; other events are not', () => {
    const peer = connected();
    const ping = Buffer.from('000600abcdef', 'hex');
    assert.deepEqual(
      peer.send(control(4, ping)).map(({ type, body }) => [type, body.toString('hex')]),
      [[4, '000700abcdef']],
    );
    const others = ['0003000000010000012c', '000700abcdef', '0000'].map((hex) =>
      control(4, Buffer.from(hex, 'hex')),
    );
    assert.deepEqual(peer.send(...others), []);
  });

  it('§7.1.7 the server asks for a sign of life', () => {
    const peer = connected();
    peer.said.length = 0;
    peer.protocol.ping(2 ** 32 + 5.5);
    assert.deepEqual(
      peer.said.map(({ type, body }) => [type, body.toString('hex')]),
      [[4, '000600000005']],
    );
    assert.equal(peer.answers, 0);
    peer.send(control(4, Buffer.from('000700000005', 'hex')));
    assert.equal(peer.answers, 1);
  });

  it('acknowledgements and shared objects of the peer are passed over', () => {
    const bytes = [control(3, u32(1000)), ...[7, 10, 16, 19, 21].map((type) => control(type, u32(1)))];
    assert.deepEqual(connected().send(...bytes), []);
  });
});

describe('ingest: RTMP aggregates (RTMP 1.0 §7.1.6)', () => {
  const inner = (type: number, timestampMs: number, body: Buffer, back: number | null = 11 + body.length) => {
    const head = Buffer.alloc(11);
    head[0] = type;
    head.writeUIntBE(body.length, 1, 3);
    head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
    head[7] = Math.floor(timestampMs / 2 ** 24);
    return Buffer.concat([head, body, back === null ? Buffer.alloc(0) : u32(back)]);
  };
  const aggregate = (timestampMs: number, ...parts: readonly Buffer[]) =>
    chunked({ chunkStream: 5, type: 22, stream: 1, timestampMs, body: Buffer.concat(parts) });
  const [a, b] = [Buffer.from('af0101', 'hex'), Buffer.from('2701000000aa', 'hex')];
  const want = [
    { kind: 'audio', timestampMs: 5000, hex: 'af0101' },
    { kind: 'video', timestampMs: 5040, hex: '2701000000aa' },
  ];

  const table = [
    { name: 'with back pointers', bytes: aggregate(5000, inner(8, 5000, a), inner(9, 5040, b)) },
    { name: 'whose times count from 0', bytes: aggregate(5000, inner(8, 0, a), inner(9, 40, b)) },
    { name: 'with wrong back pointers', bytes: aggregate(5000, inner(8, 0, a, 3), inner(9, 40, b, 0)) },
    { name: 'without back pointers', bytes: aggregate(5000, inner(8, 0, a, null), inner(9, 40, b, null)) },
    { name: 'without the last back pointer', bytes: aggregate(5000, inner(8, 0, a), inner(9, 40, b, null)) },
    {
      name: 'with a message behind it that is cut off',
      bytes: aggregate(5000, inner(8, 0, a), inner(9, 40, b), inner(9, 80, b).subarray(0, 14)),
    },
    {
      name: 'with an aggregate in it',
      bytes: aggregate(5000, inner(8, 0, a), inner(22, 40, inner(8, 0, a)), inner(9, 40, b)),
    },
  ];
  for (const { name, bytes } of table) {
    it(`an aggregate ${name}`, () => {
      const peer = connected();
      peer.send(bytes);
      assert.deepEqual(peer.messages, want);
    });
  }

  it('times go on over 2^32 within an aggregate', () => {
    const peer = connected();
    peer.send(aggregate(2 ** 32 - 20, inner(8, 2 ** 32 - 20, a), inner(8, 3, a)));
    assert.deepEqual(
      peer.messages.map(({ timestampMs }) => timestampMs),
      [2 ** 32 - 20, 3],
    );
  });

  it('data within an aggregate, of both kinds', () => {
    const peer = connected();
    const meta = amfString('onMetaData');
    peer.send(
      aggregate(5000, inner(18, 0, meta), inner(15, 0, Buffer.concat([Buffer.of(0), meta])), inner(8, 0, a)),
    );
    assert.deepEqual(
      peer.messages.map(({ kind, hex }) => [kind, hex]),
      [
        ['data', meta.toString('hex')],
        ['data', meta.toString('hex')],
        ['audio', 'af0101'],
      ],
    );
  });
});
