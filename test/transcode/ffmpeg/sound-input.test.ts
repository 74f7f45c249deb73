import assert from 'node:assert/strict';
import { SoundInput } from '../../../transcode/ffmpeg/sound-input.ts';

describe('sound for ffmpeg', () => {
  for (const codec of ['aac', 'opus']) {
    it(`${codec} from before its start, of a source that is read again, is left out`, () => {
      const input = new SoundInput({ codec, sampleRateHz: 48_000, channels: 2 });
      const packet = { data: Buffer.from('frame'), body: Buffer.from('..frame') };
      assert.equal(input.packet(packet, -1), null);
      assert.ok(input.packet(packet, 0)?.includes('frame'));
    });
  }
});
