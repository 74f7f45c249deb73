import assert from 'node:assert/strict';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import { writeFlvHeader } from '../../../media/flv/flv-writer.ts';
import { readLineTag, writeLineTag } from '../../../media/flv/line-tag.ts';
import { writeOnMetaData, writeScriptFields } from '../../../media/flv/script-data.ts';

describe('line tag', () => {
  for (const heardMs of [null, 1_699_999_999_000]) {
    it(`is read as it was written, with the publisher heard from ${heardMs === null ? 'never' : 'before'}`, () => {
      const head = writeFlvHeader({ hasVideo: true, hasAudio: true });
      const written = writeLineTag(1_700_000_000_123.5, heardMs);
      const [tag] = new FlvReader().push(Buffer.concat([head, written]));
      assert.equal(tag?.kind, 'script');
      assert.deepEqual(tag === undefined ? null : readLineTag(tag.data), {
        nowMs: 1_700_000_000_123.5,
        heardMs,
      });
    });
  }

  const others: { name: string; body: Buffer }[] = [
    { name: 'onMetaData', body: writeOnMetaData([['nowMs', 1]]) },
    { name: 'a line tag without a time', body: writeScriptFields('lecternLine', [['then', 1]]) },
    { name: 'a line tag without a number', body: writeScriptFields('lecternLine', [['nowMs', Number.NaN]]) },
    { name: 'nothing', body: Buffer.alloc(0) },
  ];
  for (const { name, body } of others) {
    it(`${name} is none`, () => assert.equal(readLineTag(body), null));
  }
});
