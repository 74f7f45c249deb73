import { rungId, type Ladder } from '../config/schema.ts';
import { gridFrameRate } from '../shared/grid.ts';
import { displaySize } from '../media/codec/picture-format.ts';
import type { TranscodeJob } from './job.ts';

/** One rung with its encoder settings. */
export type PlannedRung = {
  /** Track and rendition id: `720p`. */
  readonly id: string;
  /** Pixels; even. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitRateKbps: number;
  /** Peak rate and buffer size of the rate control (VBV): what a viewer's connection must carry at worst. */
  readonly maxRateKbps: number;
  readonly bufferKbits: number;
};

/** How the picture of a broadcast is produced. */
export type PicturePlan =
  /** Encoded, best rung first. `rungs` is never empty. */
  | { readonly kind: 'encode'; readonly frameRate: number; readonly rungs: readonly PlannedRung[] }
  /** Copied as it is, as track `source`. */
  | { readonly kind: 'copy'; readonly frameRate: number }
  /** The publisher sends no picture: every rung shows a placeholder. */
  | { readonly kind: 'placeholder'; readonly frameRate: number; readonly rungs: readonly PlannedRung[] };

/** Track id of a picture that is passed through. */
export const SOURCE_TRACK = 'source';
/** Frame rate of the placeholder: the lowest common one. */
const PLACEHOLDER_FRAME_RATE = 25;

/**
 * Plans the pictures of a broadcast. Pure.
 *
 * A rung's height is the shorter edge of the picture: `720p` of a phone held upright is 720 × 1280, which costs what
 * 1280 × 720 does. Pixels of rungs are square: a source whose own are not is as wide as it is shown. Rungs larger than the source are omitted; a source smaller than all rungs gets one rung of its own size
 * under the lowest rung's id. Pictures that are to be passed through and that no browser plays are encoded in their own size. Sizes are even numbers (4:2:0 sampling). A source of unknown size counts as 16:9
 * and gets all rungs.
 */
export function planPicture(video: TranscodeJob['video'], ladder: Ladder): PicturePlan {
  const rungs = [...ladder.rungs].sort((a, b) => b.height - a.height);
  if (video === null) {
    if (ladder.mode === 'passthrough') {
      const rung = { ...rungAt({ height: 360, videoKbps: 200 }, 16, 9), id: SOURCE_TRACK };
      return { kind: 'placeholder', frameRate: PLACEHOLDER_FRAME_RATE, rungs: [rung] };
    }
    return {
      kind: 'placeholder',
      frameRate: PLACEHOLDER_FRAME_RATE,
      rungs: rungs.map((rung) => rungAt(rung, 16, 9)),
    };
  }
  const frameRate = gridFrameRate(video.frameRate);
  if (ladder.mode === 'passthrough') {
    if (video.notPlayed === undefined) return { kind: 'copy', frameRate };
    return { kind: 'encode', frameRate, rungs: [ownRung(video, rungs)] };
  }
  const known = video.width > 0 && video.height > 0;
  if (!known) return { kind: 'encode', frameRate, rungs: rungs.map((rung) => rungAt(rung, 16, 9)) };
  const { widthPx: width, heightPx: height } = displaySize(
    { widthPx: video.width, heightPx: video.height },
    video.pixelAspect ?? null,
  );
  const shortEdge = Math.min(width, height);
  const fitting = rungs.filter((rung) => rung.height <= shortEdge);
  const lowest = rungs.at(-1);
  if (fitting.length > 0 || lowest === undefined) {
    return {
      kind: 'encode',
      frameRate,
      rungs: fitting.map((rung) => rungAt(rung, width, height)),
    };
  }
  const own = rungAt({ height: even(shortEdge), videoKbps: lowest.videoKbps }, width, height);
  return { kind: 'encode', frameRate, rungs: [{ ...own, id: rungId(lowest.height) }] };
}

/** The one rung of a passthrough channel whose publisher's pictures no browser plays: of her own size, up to the best rung's rate. */
function ownRung(video: NonNullable<TranscodeJob['video']>, rungs: Ladder['rungs']): PlannedRung {
  const shown = displaySize(
    { widthPx: video.width || 1280, heightPx: video.height || 720 },
    video.pixelAspect ?? null,
  );
  const height = even(Math.min(shown.widthPx, shown.heightPx));
  const nearest = rungs.find((rung) => rung.height <= height) ?? rungs.at(-1);
  const own = rungAt({ height, videoKbps: nearest?.videoKbps ?? 2000 }, shown.widthPx, shown.heightPx);
  return { ...own, id: SOURCE_TRACK };
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
    // Half a segment at the target rate: room for an IDR, and no part is too large for the connection.
    bufferKbits: Math.round(maxRateKbps * 0.8),
  };
}

function even(value: number): number {
  return Math.max(2, Math.floor(value / 2) * 2);
}

/** How the sound of a broadcast is produced. */
export type SoundPlan = 'copy' | 'encode' | 'silence';

/**
 * Plans the sound of a broadcast. Pure.
 *
 * AAC-LC at 48 kHz in stereo is passed through, everything else is encoded to it, and missing sound becomes silence. So every
 * broadcast of a channel, and the slate between them, has sound of the same description: decoders go on over a change of
 * encoders, and a recording is described by one sample entry.
 */
export function planSound(audio: TranscodeJob['audio']): SoundPlan {
  if (audio === null) return 'silence';
  const fits = audio.codec === 'aac' && audio.sampleRateHz === 48_000;
  return fits && audio.channels === 2 ? 'copy' : 'encode';
}
