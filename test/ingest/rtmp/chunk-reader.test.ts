import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChunkReader, type ChunkMessage } from '../../../ingest/rtmp/chunk-reader.ts';
import { RtmpError } from '../../../ingest/rtmp/rtmp-error.ts';

const LIMITS = { maxMessageBytes: 1 << 20, maxBufferedBytes: 4 << 20 };

type Got = { type: number; streamId: number; timestampMs: number; hex: string };

function read(...parts: readonly (Buffer | ((reader: ChunkReader) => void))[]): Got[] {
  const got: Got[] = [];
  const reader = new ChunkReader(LIMITS, ({ type, streamId, timestampMs, payload }: ChunkMessage) =>
    got.push({ type, streamId, timestampMs, hex: payload.toString('hex') }),
  );
  for (const part of parts) {
    if (typeof part === 'function') part(reader);
    else reader.push(part);
  }
  return got;
}

const timesOf = (got: readonly Got[]) => got.map(({ timestampMs }) => timestampMs);

/** The basic header of a chunk stream (§5.3.1.1). */
function basic(format: number, id: number): Buffer {
  if (id < 64) return Buffer.of((format << 6) | id);
  if (id < 320) return Buffer.of(format << 6, id - 64);
  return Buffer.of((format << 6) | 1, (id - 64) & 255, (id - 64) >> 8);
}

type Chunk = {
  readonly format: 0 | 1 | 2 | 3;
  readonly id?: number;
  readonly field?: number;
  readonly length?: number;
  /** The extended timestamp where it is not `field`; null leaves it out. */
  readonly extended?: number | null;
  readonly data?: Buffer;
};

/** One chunk; its extended timestamp stands where the field needs one, in chunks of type 3 where it is given. */
function chunk({ format, id = 6, field = 0, length, extended, data = Buffer.from([1]) }: Chunk): Buffer {
  const isLong = field >= 0xffffff;
  const header = Buffer.alloc([11, 7, 3, 0][format] ?? 0);
  if (format < 3) header.writeUIntBE(Math.min(field, 0xffffff), 0, 3);
  if (format < 2) header.writeUIntBE(length ?? data.length, 3, 3);
  if (format < 2) header[6] = 9;
  if (format === 0) header.writeUInt32LE(1, 7);
  const value = extended === undefined ? (isLong && format < 3 ? field : null) : extended;
  const tail = Buffer.alloc(value === null ? 0 : 4);
  if (value !== null) tail.writeUInt32BE(value);
  return Buffer.concat([basic(format, id), header, tail, data]);
}

const bytes = (size: number, fill: number) => Buffer.alloc(size, fill);

describe('ingest: RTMP chunks (RTMP 1.0 §5.3)', () => {
  for (const id of [2, 3, 63, 64, 65, 319, 320, 321, 576, 65_599]) {
    it(`§5.3.1.1 chunk stream ${id} has messages of its own`, () => {
      const other = id === 65_599 ? 65_343 : id + 256;
      const got = read(
        chunk({ format: 0, id, field: 10, length: 200, data: bytes(128, 1) }),
        chunk({ format: 0, id: other, field: 20, length: 200, data: bytes(128, 2) }),
        chunk({ format: 3, id, data: bytes(72, 1) }),
        chunk({ format: 3, id: other, data: bytes(72, 2) }),
      );
      assert.deepEqual(
        got.map(({ timestampMs, hex }) => ({ timestampMs, hex })),
        [
          { timestampMs: 10, hex: '01'.repeat(200) },
          { timestampMs: 20, hex: '02'.repeat(200) },
        ],
      );
    });
  }

  const LONG_MS = 0x1000005;
  const forms = [
    {
      name: 'type 0',
      first: chunk({ format: 0, field: LONG_MS, length: 300, data: bytes(128, 7) }),
      at: LONG_MS,
      extended: LONG_MS,
    },
    {
      name: 'type 1',
      first: chunk({ format: 1, field: LONG_MS, length: 300, data: bytes(128, 7) }),
      at: LONG_MS + 50,
      extended: LONG_MS,
    },
    {
      name: 'type 2',
      first: chunk({ format: 2, field: LONG_MS, data: bytes(128, 7) }),
      at: LONG_MS + 50,
      extended: LONG_MS,
    },
  ];
  for (const { name, first, at, extended } of forms) {
    const before = chunk({ format: 0, field: 50, length: 300, data: bytes(128, 9) });
    const whole = Buffer.concat([
      before,
      chunk({ format: 3, data: bytes(128, 9) }),
      chunk({ format: 3, data: bytes(44, 9) }),
    ]);
    for (const [how, value] of [
      ['in each chunk of type 3', extended],
      ['in no chunk of type 3', null],
      ['in chunks of type 3 as the timestamp itself', at],
    ] as const) {
      it(`§5.3.1.3 the extended timestamp of ${name}, ${how}`, () => {
        const stream = Buffer.concat([
          whole,
          first,
          chunk({ format: 3, extended: value, data: bytes(128, 7) }),
          chunk({ format: 3, extended: value, data: bytes(44, 7) }),
          chunk({ format: 0, field: 77, data: bytes(3, 5) }),
        ]);
        const want = [
          { type: 9, streamId: 1, timestampMs: 50, hex: '09'.repeat(300) },
          { type: 9, streamId: 1, timestampMs: at, hex: '07'.repeat(300) },
          { type: 9, streamId: 1, timestampMs: 77, hex: '050505' },
        ];
        assert.deepEqual(read(stream), want);
        assert.deepEqual(read(...[...stream].map((byte) => Buffer.of(byte))), want, 'byte by byte');
      });
    }
  }

  it('media that begins as the extended timestamp does is not taken for it', () => {
    const data = Buffer.concat([Buffer.from('0100', 'hex'), bytes(42, 3)]);
    const got = read(
      chunk({ format: 0, field: 0x1000005, length: 128 + 44, data: bytes(128, 7) }),
      chunk({ format: 3, data }),
    );
    assert.equal(got[0]?.hex, '07'.repeat(128) + data.toString('hex'));
  });

  const repeats = [
    {
      name: 'a short timestamp of type 0, which counts as the delta',
      chunks: [chunk({ format: 0, field: 40 }), chunk({ format: 3 })],
      want: [40, 80],
    },
    {
      name: 'a long timestamp of type 0, which would be a leap',
      chunks: [chunk({ format: 0, field: 90_000 }), chunk({ format: 3 })],
      want: [90_000, 90_000],
    },
    {
      name: 'a delta of type 1',
      chunks: [
        chunk({ format: 0, field: 100 }),
        chunk({ format: 1, field: 40 }),
        chunk({ format: 3 }),
        chunk({ format: 3 }),
      ],
      want: [100, 140, 180, 220],
    },
    {
      name: 'a delta of type 2',
      chunks: [chunk({ format: 0, field: 100 }), chunk({ format: 2, field: 20 }), chunk({ format: 3 })],
      want: [100, 120, 140],
    },
    {
      name: 'an extended timestamp of type 0, repeated',
      chunks: [chunk({ format: 0, field: 0x1000000 }), chunk({ format: 3, extended: 0x1000000 })],
      want: [0x1000000, 0x1000000],
    },
    {
      name: 'an extended timestamp of type 0, left out',
      chunks: [chunk({ format: 0, field: 0x1000000 }), chunk({ format: 3 })],
      want: [0x1000000, 0x1000000],
    },
    {
      name: 'an extended delta, repeated',
      chunks: [
        chunk({ format: 0, field: 5 }),
        chunk({ format: 1, field: 0xffffff, extended: 0xffffff }),
        chunk({ format: 3, extended: 0xffffff }),
      ],
      want: [5, 0x1000004, 0x2000003],
    },
  ];
  for (const { name, chunks, want } of repeats) {
    it(`§5.3.1.2.4 a message that begins with type 3 behind ${name}`, () => {
      assert.deepEqual(
        timesOf(read(Buffer.concat([...chunks, chunk({ format: 0, field: 0 })]))).slice(0, -1),
        want,
      );
    });
  }

  it('§5.3.1.2 a field of exactly 0xffffff has an extended timestamp', () => {
    assert.deepEqual(timesOf(read(chunk({ format: 0, field: 0xffffff, extended: 0xffffff }))), [0xffffff]);
    assert.deepEqual(timesOf(read(chunk({ format: 0, field: 0xfffffe }))), [0xfffffe]);
  });

  it('§5.4.1 a chunk size that changes within a message counts from the next chunk on', () => {
    const got = read(
      chunk({ format: 0, id: 6, length: 1000, data: bytes(128, 1) }),
      (reader) => reader.setChunkBytes(4096),
      chunk({ format: 0, id: 4, length: 300, data: bytes(300, 2) }),
      chunk({ format: 3, id: 6, data: bytes(872, 1) }),
    );
    assert.deepEqual(
      got.map(({ hex }) => hex.length / 2),
      [300, 1000],
    );
    const smaller = read(
      (reader) => reader.setChunkBytes(1000),
      chunk({ format: 0, length: 1300, data: bytes(1000, 1) }),
      (reader) => reader.setChunkBytes(200),
      chunk({ format: 3, data: bytes(200, 1) }),
      chunk({ format: 3, data: bytes(100, 1) }),
    );
    assert.equal(smaller[0]?.hex, '01'.repeat(1300));
  });

  it('§5.4.2 an abort forgets the message of its chunk stream alone', () => {
    const got = read(
      chunk({ format: 0, id: 400, length: 200, data: bytes(128, 1) }),
      chunk({ format: 0, id: 6, length: 200, data: bytes(128, 2) }),
      (reader) => reader.abort(400),
      chunk({ format: 3, id: 6, data: bytes(72, 2) }),
      chunk({ format: 1, id: 400, length: 2, data: bytes(2, 3) }),
    );
    assert.deepEqual(
      got.map(({ hex }) => hex),
      ['02'.repeat(200), '0303'],
    );
  });

  it('a message without a body is one, at once', () => {
    assert.deepEqual(read(chunk({ format: 0, field: 9, data: Buffer.alloc(0) })), [
      { type: 9, streamId: 1, timestampMs: 9, hex: '' },
    ]);
  });

  it('any messages on any chunk streams, interleaved, come out whole, however they are split', () => {
    const message = fc.record({
      id: fc.constantFrom(2, 3, 6, 63, 64, 300, 320, 1000),
      size: fc.integer({ min: 0, max: 700 }),
      stepMs: fc.oneof(fc.nat({ max: 50 }), fc.integer({ min: 0xfffff0, max: 0x1000010 })),
      extended: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        fc.infiniteStream(fc.nat()),
        (list, sizes, picks) => {
          const queues = new Map<number, Buffer[]>();
          const want = new Map<number, Got[]>();
          list.forEach(({ id, size, stepMs, extended }, i) => {
            const chunks = queues.get(id) ?? [];
            const before = want.get(id) ?? [];
            const isFirst = before.length === 0;
            const timestampMs = (before.at(-1)?.timestampMs ?? 0) + stepMs;
            // Media that cannot be an extended timestamp.
            const body = bytes(size, 0x80 + i);
            const format = isFirst ? 0 : 1;
            const again = stepMs >= 0xffffff && extended ? stepMs : null;
            chunks.push(chunk({ format, id, field: stepMs, length: size, data: body.subarray(0, 128) }));
            for (let at = 128; at < size; at += 128) {
              chunks.push(chunk({ format: 3, id, extended: again, data: body.subarray(at, at + 128) }));
            }
            queues.set(id, chunks);
            before.push({ type: 9, streamId: 1, timestampMs, hex: body.toString('hex') });
            want.set(id, before);
          });
          const wire: Buffer[] = [];
          while (queues.size > 0) {
            const ids = [...queues.keys()];
            const id = ids[(picks.next().value ?? 0) % ids.length] ?? 0;
            const next = queues.get(id)?.shift();
            if (next === undefined) queues.delete(id);
            else wire.push(next);
          }
          const stream = Buffer.concat(wire);
          const pieces: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            pieces.push(stream.subarray(at, at + size));
            at += size;
          }
          const got = read(...pieces);
          const sorted = (all: readonly Got[]) =>
            [...all].sort((a, b) => (a.hex + a.timestampMs < b.hex + b.timestampMs ? -1 : 1));
          assert.deepEqual(sorted(got), sorted([...want.values()].flat()));
        },
      ),
    );
  });

  it('any bytes give messages or an RtmpError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (any) => {
        try {
          read(Buffer.from(any));
        } catch (error) {
          assert.ok(error instanceof RtmpError);
        }
      }),
    );
  });
});
