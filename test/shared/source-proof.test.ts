import assert from 'node:assert/strict';
import { isProvenSource, sourceProof } from '../../shared/source-proof.ts';

const SECRET = 'a secret for these tests';
const SOURCE = { channel: 'hall-7', broadcast: 'b1', sourceUrl: 'http://ingest-1:8080/feeds/hall-7/b1.flv' };

describe('the proof of a source', () => {
  const proven = { ...SOURCE, sourceProof: sourceProof(SECRET, SOURCE) };
  for (const { name, source, want } of [
    { name: 'as ingest wrote it', source: proven, want: true },
    { name: 'of another address', source: { ...proven, sourceUrl: 'http://169.254.169.254/' }, want: false },
    { name: 'of another channel', source: { ...proven, channel: 'hall-8' }, want: false },
    { name: 'of another broadcast', source: { ...proven, broadcast: 'b2' }, want: false },
    {
      name: 'by another secret',
      source: { ...SOURCE, sourceProof: sourceProof('another secret', SOURCE) },
      want: false,
    },
    { name: 'that is empty', source: { ...SOURCE, sourceProof: '' }, want: false },
  ]) {
    it(`${name}: ${want ? 'holds' : 'does not hold'}`, () =>
      assert.equal(isProvenSource(SECRET, source), want));
  }
});
