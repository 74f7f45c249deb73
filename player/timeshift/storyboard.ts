/** One picture of a storyboard: a part of a sheet, for a stretch of the replay. */
export type Thumbnail = {
  /** Milliseconds since the beginning of the replay. */
  readonly startMs: number;
  readonly endMs: number;
  /** Address of the sheet, without host: always a file of the same server. */
  readonly sheet: string;
  /** Where on the sheet it is, in pixels (Media Fragments URI 1.0 §4.2.2). */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

const TIMING =
  /^((?:\d{1,4}:)?\d{2}:\d{2}\.\d{3})[ \t]+-->[ \t]+((?:\d{1,4}:)?\d{2}:\d{2}\.\d{3})(?:[ \t]|$)/;
const PLACE = /^(.*)#xywh=(?:pixel:)?(\d{1,5}),(\d{1,5}),(\d{1,4}),(\d{1,4})$/;
const MOST = 20_000;

/**
 * Parses a storyboard. Cues that are not valid are left out, as WebVTT prescribes.
 *
 * @param text of the file
 * @param address of the file, without host: sheets are relative to it
 * @returns thumbnails in order of time
 * @see WebVTT §6 (parsing)
 */
export function parseStoryboard(text: string, address: string): Thumbnail[] {
  if (!/^\uFEFF?WEBVTT([ \t\n\r]|$)/.test(text)) return [];
  const found: Thumbnail[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < lines.length && found.length < MOST; i++) {
    const [, from, to] = TIMING.exec(lines[i] ?? '') ?? [];
    if (from === undefined || to === undefined) continue;
    const place = placeOf((lines[i + 1] ?? '').trim(), address);
    const [startMs, endMs] = [timeOf(from), timeOf(to)];
    if (place !== null && endMs > startMs) found.push({ startMs, endMs, ...place });
  }
  return found.sort((a, b) => a.startMs - b.startMs);
}

/**
 * The picture of a time: the last one that started by then, or the first.
 *
 * @param thumbnails in order of time
 * @returns null without any
 */
export function thumbnailAt(thumbnails: readonly Thumbnail[], timeMs: number): Thumbnail | null {
  let low = 0;
  let high = thumbnails.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((thumbnails[middle]?.startMs ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return thumbnails[Math.max(0, low - 1)] ?? null;
}

function placeOf(payload: string, address: string): Omit<Thumbnail, 'startMs' | 'endMs'> | null {
  const [, name, ...place] = PLACE.exec(payload) ?? [];
  const [x = 0, y = 0, width = 0, height = 0] = place.map(Number);
  if (name === undefined || width === 0 || height === 0) return null;
  try {
    const base = new URL(address, 'http://here.invalid');
    const sheet = new URL(name, base);
    if (sheet.origin !== base.origin) return null;
    return { sheet: `${sheet.pathname}${sheet.search}`, x, y, width, height };
  } catch {
    return null;
  }
}

function timeOf(text: string): number {
  const [s = 0, m = 0, h = 0] = text.split(':').map(Number).reverse();
  return Math.round(((h * 60 + m) * 60 + s) * 1000);
}
