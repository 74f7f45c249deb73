import Hls, { type BufferInfo, type HlsConfig, type LevelDetails } from 'hls.js';

const { streamController, audioStreamController } = Hls.DefaultConfig;

/**
 * hls.js's controllers of picture and sound, which here find the end of a recording after an interruption as well.
 *
 * At an interruption sound ends up to a frame before its picture, which leaves a hole of some 30 ms. hls.js takes ranges
 * with so small a hole between them for one, and then looks for a second range from the beginning of that one on: it finds
 * the one that is being played, waits for it, and the recording never ends (1.7.4, BaseStreamController). Here it looks from
 * the playhead on.
 */
export const streamEndControllers: Partial<HlsConfig> = {
  streamController: class extends streamController {
    protected override _streamEnded(info: BufferInfo, details: LevelDetails): boolean {
      return super._streamEnded(fromPlayhead(info, this.media), details);
    }
  },
  ...(audioStreamController && {
    audioStreamController: class extends audioStreamController {
      protected override _streamEnded(info: BufferInfo, details: LevelDetails): boolean {
        return super._streamEnded(fromPlayhead(info, this.media), details);
      }
    },
  }),
};

function fromPlayhead(info: BufferInfo, media: HTMLMediaElement | null): BufferInfo {
  return { ...info, start: Math.max(info.start, media?.currentTime ?? 0) };
}
