import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';
import { writeFlvHeader, writeFlvTag } from '../../../media/flv/flv-writer.ts';
import { MediaError } from '../../../media/media-error.ts';

const BOTH = { hasVideo: true, hasAudio: true };

const anyTag = fc.record(
  {
    kind: fc.constantFrom('video' as const, 'audio' as const, 'script' as const),
    timestampMs: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

function streamOf(tags: readonly FlvTag[]): Buffer {
  return Buffer.concat([
    writeFlvHeader(BOTH),
    ...tags.map((tag) => writeFlvTag(tag.kind, tag.timestampMs, tag.data)),
  ]);
}

/** Reads a stream in pieces of these sizes, over and over. */
function readInPieces(bytes: Buffer, sizes: readonly number[]): FlvTag[] {
  const reader = new FlvReader();
  const tags: FlvTag[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    tags.push(...reader.push(bytes.subarray(at, end)));
    at = end;
  }
  return tags;
}

describe('FLV stream (Adobe FLV 10.1 Annex E)', () => {
  it('any split of the bytes gives the tags that were written', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 12 }), sizes, (written, pieces) => {
        assert.deepEqual(readInPieces(streamOf(written), pieces), written);
      }),
    );
  });

  it('a stream mutated anywhere is read, or raises bad-flv and nothing else', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(anyTag, { minLength: 1, maxLength: 4 }), edits, (written, changes) => {
        const bytes = streamOf(written);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          readInPieces(bytes, [7, 64]);
        } catch (error) {
          assert.ok(error instanceof MediaError && error.code === 'bad-flv', String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a tag is given as soon as its last byte is there', () => {
    const bytes = streamOf([{ kind: 'audio', timestampMs: 7, data: Buffer.from([1, 2, 3]) }]);
    const reader = new FlvReader();
    assert.equal(reader.push(bytes.subarray(0, -5)).length, 0);
    assert.equal(reader.push(bytes.subarray(-5, -4)).length, 1);
  });

  it('a tag that comes in one piece is borrowed', () => {
    const bytes = streamOf([{ kind: 'video', timestampMs: 0, data: Buffer.from([1, 2, 3]) }]);
    const [tag] = new FlvReader().push(bytes);
    assert.equal(tag?.data.buffer, bytes.buffer);
  });

  it('a tag of 8 MiB that comes in pieces of 1,400 bytes is read', () => {
    const data = Buffer.alloc(8 << 20, 5);
    const [tag] = readInPieces(streamOf([{ kind: 'video', timestampMs: 0, data }]), [1400]);
    assert.ok(tag?.data.equals(data));
  });

  const refused = [
    {
      name: 'another signature',
      bytes: Buffer.from('RIFF12345'),
      message: /^flv at byte 0: want "FLV", got 0x524946$/,
    },
    {
      name: 'a header that is too long',
      bytes: Buffer.from('464c56010500010000', 'hex'),
      message: /^flv at byte 5: header size 65536, want 9$/,
    },
    {
      name: 'an unknown tag type',
      bytes: Buffer.concat([writeFlvHeader(BOTH), Buffer.alloc(11, 3)]),
      message: /^flv at byte 13: tag type 3, want 8, 9 or 18$/,
    },
    {
      name: 'a tag that is encrypted',
      bytes: Buffer.concat([writeFlvHeader(BOTH), Buffer.alloc(11, 0x29)]),
      message: /^flv at byte 13: the tag is encrypted$/,
    },
    {
      name: 'a tag that is too long, before its body comes',
      bytes: Buffer.concat([writeFlvHeader(BOTH), Buffer.from('09ffffff00000000000000', 'hex')]),
      message: /^flv at byte 13: tag of 16777215 bytes, want at most 8388608$/,
    },
  ];
  for (const { name, bytes, message } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => new FlvReader().push(bytes),
        (error) => error instanceof MediaError && error.code === 'bad-flv' && message.test(error.message),
      );
    });
  }

  it('§E.2 the header announces what is there', () => {
    assert.equal(writeFlvHeader(BOTH).toString('hex'), '464c5601050000000900000000');
    assert.equal(writeFlvHeader({ hasVideo: false, hasAudio: true })[4], 4);
    assert.equal(writeFlvHeader({ hasVideo: true, hasAudio: false })[4], 1);
  });

  const written = [
    { name: 'an ordinary time', timestampMs: 0x010203, want: '09000002010203000000001701' + '0000000d' },
    {
      name: 'a time beyond 24 bits',
      timestampMs: 0x04010203,
      want: '09000002010203040000001701' + '0000000d',
    },
    { name: 'a negative time', timestampMs: -1, want: '09000002ffffffff0000001701' + '0000000d' },
    {
      name: 'a time beyond 32 bits',
      timestampMs: 2 ** 32 + 5,
      want: '09000002000005000000001701' + '0000000d',
    },
    {
      name: 'a fraction of a millisecond',
      timestampMs: 4.6,
      want: '09000002000005000000001701' + '0000000d',
    },
  ];
  for (const { name, timestampMs, want } of written) {
    it(`§E.4.1 a tag at ${name}`, () => {
      assert.equal(writeFlvTag('video', timestampMs, Buffer.from([0x17, 1])).toString('hex'), want);
    });
  }
});
