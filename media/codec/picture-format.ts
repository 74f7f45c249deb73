/** Width of a sample divided by its height, as a fraction; 1:1 is square. */
export type AspectRatio = { readonly horizontal: number; readonly vertical: number };

/** Code points of ITU-T H.273 (ISO/IEC 23091-2): how numbers become colours. */
export type ColourDescription = {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
};

/** The clock that a sequence parameter set announces. */
export type PictureTiming = {
  /** num_units_in_tick: ticks of the clock below that one tick of the stream takes. */
  readonly unitsInTick: number;
  /** time_scale, ticks a second. */
  readonly timescaleHz: number;
};

/** What an H.264 or H.265 sequence parameter set says of its pictures. */
export type PictureFormat = {
  /** Id by which picture parameter sets refer to this sequence parameter set. */
  readonly id: number;
  /** Pixels, after cropping: what is shown. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels, before cropping: what is decoded. */
  readonly codedWidthPx: number;
  readonly codedHeightPx: number;
  /** null when it is not given. */
  readonly sampleAspectRatio: AspectRatio | null;
  /** Frames a second from {@link PictureFormat.timing}; 0 when there is none, or none between 1 and 240. */
  readonly frameRate: number;
  /** null when it is not given. */
  readonly timing: PictureTiming | null;
  /** H.264: fixed_frame_rate_flag. Always false for H.265, which says it elsewhere. */
  readonly isFixedRate: boolean;
  /**
   * True when every picture is a whole frame. False when pictures may be fields or hold two interlaced ones: H.264's
   * frame_mbs_only_flag is 0, or H.265's field_seq_flag or general_interlaced_source_flag is 1. Which field comes first
   * is said by each picture's SEI, not here.
   */
  readonly framesOnly: boolean;
  /** Samples use 0 to 255 (at 8 bits) instead of 16 to 235. */
  readonly fullRange: boolean;
  /** null when it is not given. */
  readonly colour: ColourDescription | null;
  /** chroma_format_idc: 0 monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
};

/** Most by which a picture is stretched one way; a larger ratio is a mistake of the encoder's. */
const MAX_STRETCH = 8;

/**
 * The size at which a picture is shown in square pixels: wider or higher than it is coded, never smaller.
 *
 * @param sampleAspectRatio null counts as square, and so does one that no camera has
 * @returns whole pixels
 */
export function displaySize(
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  sampleAspectRatio: AspectRatio | null,
): { readonly widthPx: number; readonly heightPx: number } {
  if (sampleAspectRatio === null) return { widthPx, heightPx };
  const ratio = sampleAspectRatio.horizontal / sampleAspectRatio.vertical;
  if (!(ratio >= 1 / MAX_STRETCH && ratio <= MAX_STRETCH)) return { widthPx, heightPx };
  return ratio >= 1
    ? { widthPx: Math.round(widthPx * ratio), heightPx }
    : { widthPx, heightPx: Math.round(heightPx / ratio) };
}

/** Longest sequence parameter set that is parsed, in bytes; encoders write less than 100. */
export const MAX_SPS_BYTES = 1024;
const MIN_SIDE_PX = 16;
const MAX_SIDE_PX = 8192;

/** True for a picture size, in pixels, that a publisher may have: 16 to 8,192 each way. */
export function isPossibleSize(widthPx: number, heightPx: number): boolean {
  return (
    widthPx >= MIN_SIDE_PX && heightPx >= MIN_SIDE_PX && widthPx <= MAX_SIDE_PX && heightPx <= MAX_SIDE_PX
  );
}

/**
 * Frames a second.
 *
 * @param ticksPerFrame 2 where a tick is a field (H.264, and H.265 in field mode), else 1
 * @returns 0 when there is no timing, or the rate is not between 1 and 240
 */
export function frameRateOf(timing: PictureTiming | null, ticksPerFrame: number): number {
  if (timing === null || timing.unitsInTick === 0) return 0;
  const rate = timing.timescaleHz / timing.unitsInTick / ticksPerFrame;
  return rate >= 1 && rate <= 240 ? rate : 0;
}
