/** How many pictures there are before they begin again. */
const PICTURES = 16;

/**
 * Makes pictures of a moving pattern: a slope that drifts, blocks that wander, and a grain that stands still, so that an
 * encoder has something to do and something to copy. Planes Y, U, V as in yuv420p.
 *
 * @returns pictures that follow each other in a ring; owned by the caller
 */
export function testPictures(widthPx: number, heightPx: number): Buffer[] {
  const luma = widthPx * heightPx;
  const grain = Uint8Array.from({ length: 4096 }, (_, at) => ((at * 2_654_435_761) >>> 24) % 24);
  return Array.from({ length: PICTURES }, (_, picture) => {
    const frame = Buffer.alloc((luma * 3) / 2, 128);
    for (let y = 0; y < heightPx; y += 1) {
      for (let x = 0; x < widthPx; x += 1) {
        const slope = ((x + y + picture * 8) >> 3) & 0x7f;
        frame[y * widthPx + x] = 40 + slope + (grain[(x * 7 + y * 131) & 4095] ?? 0);
      }
    }
    const sidePx = Math.floor(heightPx / 6);
    for (let block = 0; block < 4; block += 1) {
      const left = Math.floor(((picture / PICTURES + block / 4) % 1) * (widthPx - sidePx));
      const top = Math.floor(heightPx * 0.2 + block * heightPx * 0.18);
      for (let y = top; y < Math.min(top + sidePx, heightPx); y += 1) {
        frame.fill(60 + block * 50, y * widthPx + left, y * widthPx + left + sidePx);
      }
    }
    return frame;
  });
}
