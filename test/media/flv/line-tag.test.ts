import assert from 'node:assert/strict';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import { writeFlvHeader } from '../../../media/flv/flv-writer.ts';
import { readLineTag, writeLineTag } from '../../../media/flv/line-tag.ts';
import { writeOnMetaData, writeScriptFields } from '../../../media/flv/script-data.ts';

describe('line tag', () => {
  it('is read as it was written', () => {
    const head = writeFlvHeader({ hasVideo: true, hasAudio: true });
    const [tag] = new FlvReader().push(Buffer.concat([head, writeLineTag(1_700_000_000_123.5)]));
    assert.equal(tag?.kind, 'script');
    assert.equal(tag === undefined ? null : readLineTag(tag.data), 1_700_000_000_123.5);
  });

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
