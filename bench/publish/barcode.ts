/** Bars of a barcode: 4 to find it, 44 of a time, 16 to check it. */
export const BARS = 64;
/** Height of the bars, in pixels of a picture 720 high; the same share of any other. */
export const BAR_HEIGHT_PX = 48;
const SYNC = [1, 0, 1, 0] as const;
const TIME_BITS = 44;
const CHECK_BITS = 16;

/** Checks a time: every single bit counts in it, and 0 does not check itself. */
function checkOf(timeMs: number): number {
  let check = 0xace1;
  for (let at = 0; at < 6; at += 1) {
    check ^= Math.floor(timeMs / 2 ** (8 * at)) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) check = check & 1 ? (check >>> 1) ^ 0xa001 : check >>> 1;
  }
  return check;
}

/**
 * The bars of a time, left to right: 1 is white.
 *
 * @param timeMs UTC, whole milliseconds below 2^44
 */
export function barsOf(timeMs: number): number[] {
  const bits = (value: number, count: number): number[] =>
    Array.from({ length: count }, (_, at) => Math.floor(value / 2 ** (count - 1 - at)) % 2);
  return [...SYNC, ...bits(timeMs, TIME_BITS), ...bits(checkOf(timeMs), CHECK_BITS)];
}

/**
 * Reads a time back from the brightness of the bars.
 *
 * @param brightness of each bar, 0 to 255
 * @returns UTC milliseconds; null where there is no barcode, or a bar was misread
 */
export function readBars(brightness: ArrayLike<number>): number | null {
  if (brightness.length !== BARS) return null;
  const bit = (at: number): number => ((brightness[at] ?? 0) > 127 ? 1 : 0);
  if (SYNC.some((want, at) => bit(at) !== want)) return null;
  let timeMs = 0;
  for (let at = 0; at < TIME_BITS; at += 1) timeMs = timeMs * 2 + bit(SYNC.length + at);
  let check = 0;
  for (let at = 0; at < CHECK_BITS; at += 1) check = check * 2 + bit(SYNC.length + TIME_BITS + at);
  return check === checkOf(timeMs) ? timeMs : null;
}

/**
 * Draws the bars over the top of a picture.
 *
 * @param luma its brightness, row by row; written to
 * @param widthPx a multiple of {@link BARS}
 */
export function drawBars(luma: Uint8Array, widthPx: number, heightPx: number, timeMs: number): void {
  const barPx = Math.floor(widthPx / BARS);
  const row = luma.subarray(0, widthPx);
  barsOf(timeMs).forEach((bit, at) => row.fill(bit === 1 ? 235 : 16, at * barPx, (at + 1) * barPx));
  const rows = Math.round((BAR_HEIGHT_PX * heightPx) / 720);
  for (let y = 1; y < rows; y += 1) luma.copyWithin(y * widthPx, 0, widthPx);
}
