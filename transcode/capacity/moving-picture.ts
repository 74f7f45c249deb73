import { setImmediate } from 'node:timers/promises';

/** Margin of the texture beside the picture, in which the picture moves, pixels. */
const MARGIN = 128;
/** Cell sizes of the texture's noise, pixels, each with its strength: large shapes are strong, fine detail is weak. */
const OCTAVES = [
  [160, 55],
  [48, 26],
  [16, 12],
  [6, 7],
  [2, 4],
] as const;
/** Strength of the grain of a camera, which differs from picture to picture. */
const GRAIN = 2;
const GRAIN_SIZE = 1 << 16;

/**
 * Makes pictures that cost an encoder about as much as a film of a real scene does: shapes of all sizes that move in two
 * layers, and grain. Smooth test patterns cost half of that. The same pictures each time.
 *
 * It gives way to other work between two pictures: each takes a few milliseconds.
 *
 * @param widthPx even; `heightPx` too
 * @returns raw pictures, 8 bit 4:2:0 planar
 */
export async function* movingPictures(
  widthPx: number,
  heightPx: number,
  count: number,
): AsyncGenerator<Buffer> {
  const random = randomNumbers(20_200_217);
  const textureWidth = widthPx + MARGIN;
  const texture = new Float32Array(textureWidth * (heightPx + MARGIN));
  for (const [cellPx, strength] of OCTAVES) {
    addNoise(texture, textureWidth, cellPx, strength, random);
    await setImmediate();
  }
  const grain = Float32Array.from({ length: GRAIN_SIZE }, () => (random() + random() - 1) * GRAIN);
  for (let n = 0; n < count; n++) {
    yield picture(n, { widthPx, heightPx, texture, textureWidth, grain }, random);
    await setImmediate();
  }
}

type Scene = {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly texture: Float32Array;
  readonly textureWidth: number;
  readonly grain: Float32Array;
};

function picture(n: number, scene: Scene, random: () => number): Buffer {
  const { widthPx, heightPx, texture, textureWidth, grain } = scene;
  const size = widthPx * heightPx;
  const bytes = Buffer.alloc((size * 3) / 2);
  // A camera that turns slowly, and somebody who moves the other way in the middle third.
  const back = shift(20 + n * 1.3, 20 + n * 0.4);
  const front = shift(100 - n * 2.7, 20 + n * 0.9);
  const [left, right] = [Math.floor(widthPx / 3), Math.floor((2 * widthPx) / 3)];
  let grainAt = Math.floor(random() * GRAIN_SIZE);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const { dx, dy, fx } = x > left && x < right ? front : back;
      const at = (y + dy) * textureWidth + x + dx;
      const value = (texture[at] ?? 0) * (1 - fx) + (texture[at + 1] ?? 0) * fx;
      grainAt = (grainAt + 1) & (GRAIN_SIZE - 1);
      // Within 16 to 235 by the strengths above.
      bytes[y * widthPx + x] = 126 + value + (grain[grainAt] ?? 0);
    }
  }
  const chromaWidth = widthPx / 2;
  for (let i = size; i < bytes.length; i++) {
    const place = i - size;
    const at = Math.floor(place / chromaWidth) * textureWidth + (place % chromaWidth) + back.dx;
    bytes[i] = 128 + (texture[at % texture.length] ?? 0) / 6;
  }
  return bytes;
}

function shift(x: number, y: number): { readonly dx: number; readonly dy: number; readonly fx: number } {
  return { dx: Math.max(0, Math.floor(x)), dy: Math.max(0, Math.floor(y)), fx: x - Math.floor(x) };
}

/** Adds smooth noise: random values at the corners of cells, interpolated between them. */
function addNoise(
  texture: Float32Array,
  width: number,
  cellPx: number,
  strength: number,
  random: () => number,
): void {
  const columns = Math.ceil(width / cellPx) + 2;
  const height = texture.length / width;
  const rows = Math.ceil(height / cellPx) + 2;
  const corners = Float32Array.from({ length: columns * rows }, () => (random() * 2 - 1) * strength);
  // One row of corners, interpolated between the row above and the one below.
  const line = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cellPx) * columns;
    const fy = (y % cellPx) / cellPx;
    for (let i = 0; i < columns; i++) {
      line[i] = (corners[row + i] ?? 0) * (1 - fy) + (corners[row + columns + i] ?? 0) * fy;
    }
    let at = y * width;
    for (let column = 0, x = 0; x < width; column++) {
      const [from = 0, to = 0] = line.subarray(column, column + 2);
      for (let i = 0; i < cellPx && x < width; i++, x++, at++) {
        texture[at] = (texture[at] ?? 0) + from + ((to - from) * i) / cellPx;
      }
    }
  }
}

/** Evenly spread numbers in [0, 1), the same ones for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
