import assert from 'node:assert/strict';
import fc from 'fast-check';
import { box, hex } from '../../../media/support/bytes.ts';
import { MediaError } from '../../../../media/media-error.ts';
import { ChunkSplitter, type CmafPiece } from '../../../../origin/packager/cmaf/chunk-splitter.ts';

const ftyp = box('ftyp', Buffer.from('cmfc'));
const moov = box('moov', Buffer.alloc(40, 1));
const init = Buffer.concat([ftyp, moov]);
const chunk = (fill: number, bytes = 20): Buffer =>
  Buffer.concat([box('moof', Buffer.alloc(10, fill)), box('mdat', Buffer.alloc(bytes, fill))]);

function large(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1);
  head.write(type, 4, 'latin1');
  head.writeBigUInt64BE(BigInt(16 + content.length), 8);
  return Buffer.concat([head, content]);
}

function split(stream: Buffer, cuts: readonly number[] = []): CmafPiece[] {
  const splitter = new ChunkSplitter();
  const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b), stream.length];
  const pieces = edges.flatMap((edge, i) => splitter.push(Buffer.from(stream.subarray(edge, edges[i + 1]))));
  splitter.finish();
  return pieces;
}

const plain = (pieces: readonly CmafPiece[]): unknown =>
  pieces.map((piece) => ({ ...piece, bytes: piece.bytes.toString('hex') }));

describe('chunk splitter', () => {
  const between = Buffer.concat([
    box('styp', Buffer.alloc(8)),
    box('prft', Buffer.alloc(24)),
    box('emsg', Buffer.alloc(5000)),
    box('sidx', Buffer.alloc(32)),
  ]);
  const withFree = Buffer.concat([box('moof', Buffer.alloc(4)), box('free'), box('mdat', Buffer.alloc(3))]);
  const largeChunk = Buffer.concat([box('moof', Buffer.alloc(4)), large('mdat', Buffer.alloc(9, 7))]);
  const other = Buffer.concat([ftyp, box('moov', Buffer.alloc(7, 2))]);

  const table: { name: string; input: Buffer[]; want: [kind: string, bytes: Buffer][] }[] = [
    {
      name: 'header and chunks',
      input: [init, chunk(1), chunk(2)],
      want: [
        ['init', init],
        ['chunk', chunk(1)],
        ['chunk', chunk(2)],
      ],
    },
    {
      name: 'boxes between units are skipped',
      input: [between, init, between, chunk(1), between],
      want: [
        ['init', init],
        ['chunk', chunk(1)],
      ],
    },
    {
      name: 'a box within a chunk stays, as data offsets count over it',
      input: [init, withFree],
      want: [
        ['init', init],
        ['chunk', withFree],
      ],
    },
    {
      name: '64-bit sizes',
      input: [init, largeChunk, large('emsg', Buffer.alloc(3)), chunk(3)],
      want: [
        ['init', init],
        ['chunk', largeChunk],
        ['chunk', chunk(3)],
      ],
    },
    {
      name: 'a new header in mid-stream',
      input: [init, chunk(1), other, chunk(2)],
      want: [
        ['init', init],
        ['chunk', chunk(1)],
        ['init', other],
        ['chunk', chunk(2)],
      ],
    },
    { name: 'nothing', input: [], want: [] },
  ];
  for (const { name, input, want } of table) {
    it(name, () => {
      const stream = Buffer.concat(input);
      const pieces = split(stream);
      assert.deepEqual(
        pieces.map((piece) => [piece.kind, piece.bytes.toString('hex')]),
        want.map(([kind, bytes]) => [kind, bytes.toString('hex')]),
      );
      for (const piece of pieces) {
        const there = stream.subarray(piece.offsetBytes, piece.offsetBytes + piece.bytes.length);
        assert.ok(there.equals(piece.bytes), `offset ${piece.offsetBytes}`);
      }
      const everyByte = Array.from({ length: stream.length }, (_, i) => i);
      assert.deepEqual(plain(split(stream, everyByte)), plain(pieces), 'byte by byte');
    });
  }

  it('any split of the byte stream gives the same pieces', () => {
    const stream = Buffer.concat([
      between,
      init,
      ...[1, 2, 3].map((n) => chunk(n, n * 50)),
      between,
      other,
      largeChunk,
    ]);
    const want = plain(split(stream));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        assert.deepEqual(plain(split(stream, cuts)), want);
      }),
    );
  });

  it('a piece does not change with what is pushed after it', () => {
    const splitter = new ChunkSplitter();
    const stream = Buffer.concat([init, chunk(1), chunk(2), chunk(3)]);
    const pieces: CmafPiece[] = [];
    const seen: string[] = [];
    for (let at = 0; at < stream.length; at += 7) {
      for (const piece of splitter.push(Buffer.from(stream.subarray(at, at + 7)))) {
        pieces.push(piece);
        seen.push(piece.bytes.toString('hex'));
      }
    }
    assert.deepEqual(
      pieces.map((piece) => piece.bytes.toString('hex')),
      seen,
    );
  });

  const refused: { name: string; input: Buffer; message: RegExp }[] = [
    { name: 'size 0', input: hex('00000000 66747970'), message: /^ftyp at byte 0: size 0, want 8 or more$/ },
    { name: 'size below the header', input: hex('00000007 66747970'), message: /^ftyp at byte 0: size 7/ },
    {
      name: 'a 64-bit size below its header',
      input: hex('00000001 66747970 00000000 0000000f'),
      message: /^ftyp at byte 0: size 15, want 16 or more$/,
    },
    {
      name: 'a 64-bit size beyond all bounds',
      input: Buffer.concat([init, box('moof'), hex('00000001 6d646174 ffffffff ffffffff')]),
      message: /^mdat at byte 68: size 1844674407370955\d+, want at most 33554432$/,
    },
    {
      name: 'a moov above its limit',
      input: Buffer.concat([ftyp, hex('00100001 6d6f6f76')]),
      message: /^moov at byte 12: size 1048577, want at most 1048576$/,
    },
    {
      name: 'boxes that pile up before mdat',
      input: Buffer.concat([init, box('moof'), hex('00100000 66726565'), Buffer.alloc(2 ** 20)]),
      message: /^free at byte 68: all before mdat takes 1048584 bytes/,
    },
    {
      name: 'a skipped box above the limit',
      input: hex('7fffffff 6d667261'),
      message: /^mfra at byte 0: size 2147483647/,
    },
    {
      name: 'mdat alone',
      input: Buffer.concat([init, box('mdat')]),
      message: /^mdat at byte 60: out of place/,
    },
    { name: 'moov alone', input: moov, message: /^moov at byte 0: out of place, want ftyp before it$/ },
    { name: 'a chunk before the header', input: chunk(1), message: /^moof at byte 0: comes before any ftyp/ },
    {
      name: 'two moofs',
      input: Buffer.concat([init, box('moof'), box('moof')]),
      message: /^moof at byte 68: out of place, want mdat$/,
    },
    {
      name: 'no box at all',
      input: hex('00000010 00ff0102'),
      message: /^box at byte 0: type 0x00ff0102 is not four characters$/,
    },
  ];
  for (const { name, input, message } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => new ChunkSplitter().push(input),
        (error) => error instanceof MediaError && error.code === 'bad-cmaf' && message.test(error.message),
      );
    });
  }

  for (const keep of [1, 7, 15, 30, 59, 61, 70, 80]) {
    it(`refuses a stream torn off after ${keep} bytes`, () => {
      const splitter = new ChunkSplitter();
      splitter.push(Buffer.concat([init, chunk(1)]).subarray(0, keep));
      assert.throws(() => splitter.finish(), MediaError);
    });
  }

  it('refuses a stream torn off within a skipped box', () => {
    const splitter = new ChunkSplitter();
    splitter.push(box('emsg', Buffer.alloc(100)).subarray(0, 50));
    assert.throws(() => splitter.finish(), /58 bytes before a box's end/);
  });

  it('random bytes give pieces or a MediaError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 5 }), (parts) => {
        const splitter = new ChunkSplitter();
        try {
          for (const part of parts) splitter.push(Buffer.concat([init, Buffer.from(part)]));
          splitter.finish();
        } catch (error) {
          assert.ok(error instanceof MediaError, String(error));
        }
      }),
    );
  });
});
