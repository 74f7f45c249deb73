import { rungId, type Ladder } from '../config/schema.ts';
import { gridFrameRate } from '../shared/grid.ts';
import type { TranscodeJob } from './job.ts';

/** One picture to be encoded. */
export type PlannedRung = {
  /** Track and rendition id: `720p`. */
  readonly id: string;
  /** Pixels; even. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitRateKbps: number;
  /** Cap and size of the rate control's buffer (VBV): what a viewer's line must carry at worst. */
  readonly maxRateKbps: number;
  readonly bufferKbits: number;
};

/** What is to be done with a broadcast's picture. */
export type PicturePlan =
  /** Encoded anew, best rung first. `rungs` is never empty. */
  | { readonly kind: 'encode'; readonly frameRate: number; readonly rungs: readonly PlannedRung[] }
  /** Copied as it is, as track `source`. */
  | { readonly kind: 'copy'; readonly frameRate: number }
  /** The publisher sends none: a still card stands in, in every rung. */
  | { readonly kind: 'card'; readonly frameRate: number; readonly rungs: readonly PlannedRung[] };

/** Track id of a picture that is passed through. */
export const SOURCE_TRACK = 'source';
/** Frame rate of the card: the lowest one common encoders use, so that players see nothing unusual. */
const CARD_FRAME_RATE = 25;

/**
 * Plans the pictures of a broadcast. Pure.
 *
 * A rung's height is the shorter edge of the picture: `720p` of a phone held upright is 720 × 1280, which costs what
 * 1280 × 720 does. Rungs above the source are left out; a source below all of them gets one rung of its own size
 * under the lowest rung's id. Sizes are even numbers (4:2:0 sampling). A source whose size is not known is taken for 16:9
 * and gets all rungs.
 */
export function planPicture(video: TranscodeJob['video'], ladder: Ladder): PicturePlan {
  const rungs = [...ladder.rungs].sort((a, b) => b.height - a.height);
  if (video === null) {
    if (ladder.mode === 'passthrough') {
      const card = { ...rungAt({ height: 360, videoKbps: 200 }, 16, 9), id: SOURCE_TRACK };
      return { kind: 'card', frameRate: CARD_FRAME_RATE, rungs: [card] };
    }
    return { kind: 'card', frameRate: CARD_FRAME_RATE, rungs: rungs.map((rung) => rungAt(rung, 16, 9)) };
  }
  const frameRate = gridFrameRate(video.frameRate);
  if (ladder.mode === 'passthrough') return { kind: 'copy', frameRate };
  const known = video.width > 0 && video.height > 0;
  if (!known) return { kind: 'encode', frameRate, rungs: rungs.map((rung) => rungAt(rung, 16, 9)) };
  const shortEdge = Math.min(video.width, video.height);
  const fitting = rungs.filter((rung) => rung.height <= shortEdge);
  const lowest = rungs.at(-1);
  if (fitting.length > 0 || lowest === undefined) {
    return {
      kind: 'encode',
      frameRate,
      rungs: fitting.map((rung) => rungAt(rung, video.width, video.height)),
    };
  }
  const own = rungAt({ height: even(shortEdge), videoKbps: lowest.videoKbps }, video.width, video.height);
  return { kind: 'encode', frameRate, rungs: [{ ...own, id: rungId(lowest.height) }] };
}

function rungAt(
  rung: { readonly height: number; readonly videoKbps: number },
  width: number,
  height: number,
): PlannedRung {
  const shortPx = even(rung.height);
  const longPx = Math.round((shortPx * Math.max(width, height)) / Math.min(width, height) / 2) * 2;
  const maxRateKbps = Math.round(rung.videoKbps * 1.2);
  return {
    id: rungId(rung.height),
    widthPx: width >= height ? longPx : shortPx,
    heightPx: width >= height ? shortPx : longPx,
    bitRateKbps: rung.videoKbps,
    maxRateKbps,
    // Half a segment: an IDR may take what it needs, and a part never grows past what the line can carry in time.
    bufferKbits: Math.round(maxRateKbps * 0.8),
  };
}

function even(value: number): number {
  return Math.max(2, Math.floor(value / 2) * 2);
}

/** What is to be done with a broadcast's sound. */
export type SoundPlan = 'copy' | 'encode' | 'silence';

/**
 * Plans the sound of a broadcast. Pure.
 *
 * AAC-LC at 48 kHz in mono or stereo is passed through, everything else is encoded to it, and none becomes silence.
 */
export function planSound(audio: TranscodeJob['audio']): SoundPlan {
  if (audio === null) return 'silence';
  const fits = audio.codec === 'aac' && audio.sampleRateHz === 48_000;
  return fits && audio.channels >= 1 && audio.channels <= 2 ? 'copy' : 'encode';
}

/**
 * Names the tracks that a broadcast is going to have, whatever its publisher leaves out.
 *
 * @returns track ids: the picture's, best first, then `audio`
 */
export function plannedTracks(job: TranscodeJob, ladder: Ladder): string[] {
  const plan = planPicture(job.video, ladder);
  return [...(plan.kind === 'copy' ? [SOURCE_TRACK] : plan.rungs.map(({ id }) => id)), 'audio'];
}
