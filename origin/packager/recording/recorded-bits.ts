import { displaySize } from '../../../media/codec/picture-format.ts';
import { SEGMENT_DURATION_MS } from '../../../shared/grid.ts';
import type { RenditionInfo, TrackInit } from '../media.ts';
import type { StoredSegment } from './stored-segment.ts';

/** Measures a recorded rendition while it is laid out: bit rates over whole segments (RFC 8216bis §4.4.6.2), and frames. */
export class RecordedBits {
  #peakBps = 0;
  #bits = 0;
  #seconds = 0;
  #frames = 0;
  #longestS = 0;
  readonly #captions = new Set<string>();

  /** The longest segment, milliseconds. */
  get longestMs(): number {
    return this.#longestS * 1000;
  }

  /** Adds a segment. */
  add({ durationTicks, timescaleHz, sizeBytes, frames, captions }: StoredSegment): void {
    for (const service of captions ?? []) this.#captions.add(service);
    const lastsS = durationTicks / timescaleHz;
    this.#longestS = Math.max(this.#longestS, lastsS);
    if (lastsS <= 0) return;
    // A segment that was cut short is no measure of the peak.
    if (lastsS >= SEGMENT_DURATION_MS / 2000)
      this.#peakBps = Math.max(this.#peakBps, (sizeBytes * 8) / lastsS);
    this.#bits += sizeBytes * 8;
    this.#seconds += lastsS;
    this.#frames += frames;
  }

  /** Adds a gap: it has a length, and no bits. */
  addGap(lastsS: number): void {
    this.#longestS = Math.max(this.#longestS, lastsS);
  }

  /** What the multivariant playlist and the MPD say of the rendition. */
  info(id: string, init: TrackInit): RenditionInfo {
    const { kind, codec, sampleRateHz, channels } = init;
    const { widthPx, heightPx } = displaySize(init, init.pixelAspect ?? null);
    const averageBps = this.#seconds === 0 ? 0 : Math.ceil(this.#bits / this.#seconds);
    const peakBps = Math.max(Math.ceil(this.#peakBps), averageBps, 1);
    const isMeasured = kind === 'video' && this.#seconds > 0;
    const frameRate = isMeasured ? Math.round((this.#frames / this.#seconds) * 100) / 100 : 0;
    const captions = this.#captions.size === 0 ? {} : { captions: [...this.#captions] };
    return {
      ...{ id, kind, codec, widthPx, heightPx, frameRate, sampleRateHz, channels, peakBps, averageBps },
      ...captions,
    };
  }
}
