import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readEdge } from '../../bench/load/live-edge.ts';
import { ResponseReader } from '../../bench/load/raw-client.ts';

const BODY = 'some bytes, and some more';
const ANSWERS = [
  { name: 'with a length', text: `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nX: y\r\n\r\n${BODY}` },
  {
    name: 'in chunks',
    text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n${BODY.slice(0, 10)}\r\nf\r\n${BODY.slice(10)}\r\n0\r\n\r\n`,
  },
];

describe('the raw reader of responses', () => {
  for (const { name, text } of ANSWERS) {
    it(`reads a response ${name}, however it is cut, and the next one after it`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 5 }), (cuts) => {
          const reader = new ResponseReader();
          for (let time = 0; time < 2; time += 1) {
            const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
            const answers = places.slice(1).flatMap((end, at) => {
              const piece = Buffer.from(text.slice(places[at], end));
              return piece.length === 0 ? [] : (reader.push(piece) ?? []);
            });
            assert.deepEqual(
              answers.map(({ status, body }) => [status, body.toString()]),
              [[200, BODY]],
            );
          }
        }),
      );
    });
  }

  it('takes an empty body', () => {
    const answer = new ResponseReader().push(
      Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
    );
    assert.equal(answer?.status, 404);
    assert.equal(answer.body.length, 0);
  });

  it('refuses a response without a length', () => {
    assert.throws(
      () => new ResponseReader().push(Buffer.from('HTTP/1.1 200 OK\r\nX: y\r\n\r\n')),
      /without a length/,
    );
  });
});

describe('the live edge', () => {
  const head = '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:100\n';
  const part = (name: string): string => `#EXT-X-PART:DURATION=0.2,URI="${name}"\n`;
  for (const { name, input, want } of [
    {
      name: 'parts of a segment that grows',
      input: `${head}#EXTINF:1.6,\n100.m4s\n${part('a')}${part('b')}#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c"\n`,
      want: { nextNumber: 101, nextPart: 2, partUri: 'b' },
    },
    {
      name: 'a segment that is whole',
      input: `${head}${part('a')}#EXTINF:1.6,\n100.m4s\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b"\n`,
      want: { nextNumber: 101, nextPart: 0, partUri: 'a' },
    },
    {
      name: 'a delta update',
      input: `${head}#EXT-X-SKIP:SKIPPED-SEGMENTS=10\n#EXTINF:1.6,\n110.m4s\n${part('a')}`,
      want: { nextNumber: 111, nextPart: 1, partUri: 'a' },
    },
    { name: 'nothing yet', input: head, want: { nextNumber: 100, nextPart: 0, partUri: null } },
  ]) {
    it(`is found behind ${name}`, () => assert.deepEqual(readEdge(input), want));
  }
});
