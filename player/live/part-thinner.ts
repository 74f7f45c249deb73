import { isVideoInit, keyframeOf } from '../decode/keyframe-part.ts';

/** Segments whose durations differ by less than this are as long as each other, in seconds. */
const SAME_S = 0.005;
/** How many closed segments tell how long the next one will be. */
const TELLING = 3;

/** What is read of hls.js's request for a media file, and of its newest playlist. */
type Requested = {
  readonly frag: {
    readonly type: string;
    readonly sn: number | 'initSegment';
    readonly level: number;
    readonly initSegment: { readonly data?: Uint8Array | null | undefined } | null;
  };
  readonly part: { readonly index: number; readonly duration: number } | null;
};
type Playlist = {
  readonly fragments: readonly { readonly duration: number; readonly gap?: boolean | undefined }[];
};
/** A segment that is thinned: hls.js gets these bytes for each of its parts. */
type Thinned = { readonly sn: number | 'initSegment'; readonly level: number; readonly data: ArrayBuffer };

/**
 * Replaces the parts of a segment of pictures by its keyframe, which then fills the segment.
 *
 * hls.js loads one part after the other, whatever is buffered. It gets the same picture for each of them, which replaces
 * itself in the buffer and is decoded once; all parts but the first are not requested. Sound is left as it is, also where it is
 * played alone: then its segments are hls.js's main ones.
 */
export class PartThinner {
  /** Whether parts are replaced; a change takes effect at the next segment. */
  isOn = false;
  #thinned: Thinned | null = null;

  /**
   * What hls.js is to read for a part without a request.
   *
   * @returns null where the part is to be requested
   */
  known({ frag, part }: Requested): ArrayBuffer | null {
    const thinned = this.#thinned;
    if (thinned === null || frag.type !== 'main' || part === null || part.index === 0) return null;
    return frag.sn === thinned.sn && frag.level === thinned.level ? thinned.data.slice(0) : null;
  }

  /**
   * What hls.js is to read in place of a media file that has arrived.
   *
   * @param details the newest playlist; null before there is one
   */
  part({ frag, part }: Requested, data: ArrayBuffer, details: Playlist | null): ArrayBuffer {
    if (frag.type !== 'main' || part?.index !== 0 || part.duration <= 0) return data;
    this.#thinned = null;
    const segmentS = this.isOn ? segmentDurationS(details) : null;
    // hls.js has loaded the initialization segment before any part.
    const init = frag.initSegment?.data ?? null;
    if (segmentS === null || init === null || !isVideoInit(init)) return data;
    const thin = keyframeOf(new Uint8Array(data), segmentS / part.duration);
    if (thin === null) return data;
    this.#thinned = { sn: frag.sn, level: frag.level, data: thin.buffer };
    return thin.buffer.slice(0);
  }
}

/** Duration of the next segment, in seconds; null where segments are of different lengths, so that nobody knows. */
function segmentDurationS(details: Playlist | null): number | null {
  const closed = (details?.fragments ?? []).filter(({ gap }) => gap !== true).slice(-TELLING);
  const [first] = closed;
  if (first === undefined || closed.length < TELLING) return null;
  return closed.every(({ duration }) => Math.abs(duration - first.duration) < SAME_S) ? first.duration : null;
}
