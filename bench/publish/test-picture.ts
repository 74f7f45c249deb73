/** How many pictures there are before they begin again. */
const PICTURES = 16;
/** Share of the width and of the height that the moving picture takes. */
const MOVING_SHARE = 0.4;

/**
 * Makes pictures of a lecture: a slide of lines that stands still, and in its corner a moving picture, in which all moves: a
 * slope that drifts behind a grain that stands, and blocks that wander. Planes Y, U, V as in yuv420p.
 *
 * @returns pictures that follow each other in a ring; owned by the caller
 */
export function testPictures(widthPx: number, heightPx: number): Buffer[] {
  const slide = slideOf(widthPx, heightPx);
  return Array.from({ length: PICTURES }, (_, picture) => {
    const frame = Buffer.from(slide);
    const left = Math.floor(widthPx * (1 - MOVING_SHARE));
    const top = Math.floor(heightPx * (1 - MOVING_SHARE));
    drawMoving(frame, widthPx, { left, top, right: widthPx, bottom: heightPx }, picture);
    return frame;
  });
}

/** Dark lines of words of many lengths on white, with the grain of a scan. */
function slideOf(widthPx: number, heightPx: number): Buffer {
  const luma = widthPx * heightPx;
  const frame = Buffer.alloc((luma * 3) / 2, 128);
  const lineHeightPx = Math.max(4, Math.floor(heightPx / 24));
  for (let y = 0; y < heightPx; y += 1) {
    const line = Math.floor(y / lineHeightPx);
    const isInk = y % lineHeightPx < lineHeightPx / 2 && line % 3 !== 2;
    for (let x = 0; x < widthPx; x += 1) {
      const stroke = noise((x >> 2) * 31 + line * 977) % 8 < 5 && noise((x >> 5) * 17 + line * 311) % 8 < 6;
      frame[y * widthPx + x] = (isInk && stroke ? 50 : 215) + (noise(x * 7 + y * 131) % 8);
    }
  }
  return frame;
}

type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

function drawMoving(frame: Buffer, widthPx: number, box: Box, picture: number): void {
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      const slope = ((x + y + picture * 8) >> 3) & 0x7f;
      frame[y * widthPx + x] = 40 + slope + (noise(x * 7 + y * 131) % 24);
    }
  }
  const sidePx = Math.floor((box.bottom - box.top) / 6);
  for (let block = 0; block < 4; block += 1) {
    const left =
      box.left + Math.floor(((picture / PICTURES + block / 4) % 1) * (box.right - box.left - sidePx));
    const top = box.top + Math.floor((0.1 + block * 0.2) * (box.bottom - box.top));
    for (let y = top; y < top + sidePx; y += 1) {
      frame.fill(60 + block * 50, y * widthPx + left, y * widthPx + left + sidePx);
    }
  }
}

/** A number of 0 to 255 that looks like chance, and is the same each time. */
function noise(at: number): number {
  return (Math.imul(at & 4095, 2_654_435_761) >>> 24) & 255;
}
