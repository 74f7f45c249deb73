/** A rendition that may be played, as the multivariant playlist describes it. */
export type Level = {
  /** BANDWIDTH (RFC 8216bis §4.4.6.2), bits a second: picture and sound at their peak. */
  readonly bitrateBps: number;
  /** Pixels; 0 for sound alone. */
  readonly heightPx: number;
  /** Frames a second; 0 when unknown. */
  readonly frameRate: number;
};

/** What is known before the first byte of media has arrived. */
export type StartHints = {
  /** Height of the picture on the page in device pixels; 0 when unknown. */
  readonly viewHeightPx: number;
  /** Bit rate of the network at the last visit, bits a second; null when unknown or long ago. */
  readonly rememberedBps: number | null;
  /** NetworkInformation.downlink in Mbit/s; browsers cap it at 10; null where there is none. */
  readonly downlinkMbps: number | null;
  /** NetworkInformation.effectiveType: `slow-2g`, `2g`, `3g` or `4g`; null where there is none. */
  readonly effectiveType: string | null;
  /** The viewer asked the browser to save data. */
  readonly saveData: boolean;
};

/** Without any hint: enough for 480p, and nearly every school's network has it. */
const UNKNOWN_BPS = 2_500_000;
const START_SHARE = 0.6;

/**
 * The lowest level that fills the picture on the page; a higher one would look the same.
 *
 * @param levels ascending by bit rate
 * @param viewHeightPx height of the picture on the page in device pixels; 0 when unknown
 * @returns index into levels
 */
export function highestUseful(levels: readonly Level[], viewHeightPx: number): number {
  if (viewHeightPx <= 0) return levels.length - 1;
  // Enlargement by a tenth is invisible; by a third it is not.
  const enough = levels.findIndex((level) => level.heightPx >= viewHeightPx * 0.9);
  return enough === -1 ? levels.length - 1 : enough;
}

/**
 * The level of a height.
 *
 * @param heightPx null for none in particular
 * @returns index into levels; null where none has it
 */
export function levelOfHeight(levels: readonly Level[], heightPx: number | null): number | null {
  const index = levels.findIndex((level) => level.heightPx === heightPx);
  return index === -1 ? null : index;
}

/**
 * The level to start with.
 *
 * @param levels ascending by bit rate, at least one
 * @returns index into levels
 */
export function startLevel(levels: readonly Level[], hints: StartHints): number {
  if (hints.saveData) return 0;
  const useful = highestUseful(levels, hints.viewHeightPx);
  const carriedBps = hints.rememberedBps ?? guessBps(hints);
  return Math.min(useful, highestWithin(levels, carriedBps * START_SHARE));
}

/** A browser that has measured nothing reports `4g` and an invented downlink: then only a high one counts. */
function guessBps({ downlinkMbps, effectiveType }: StartHints): number {
  if (downlinkMbps === null) return UNKNOWN_BPS;
  const downlinkBps = downlinkMbps * 1_000_000;
  return effectiveType === '4g' ? Math.max(UNKNOWN_BPS, downlinkBps) : downlinkBps;
}

/**
 * The highest level that fits into a bit rate.
 *
 * @returns index into levels; 0 when even the lowest is too much
 */
export function highestWithin(levels: readonly Level[], bps: number): number {
  const over = levels.findIndex((level) => level.bitrateBps > bps);
  return over === -1 ? levels.length - 1 : Math.max(0, over - 1);
}
