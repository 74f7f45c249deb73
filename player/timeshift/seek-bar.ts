/** A seek bar, in milliseconds since the beginning. */
export type Bar = {
  readonly positionMs: number;
  /** What can be played; it grows while a class is on air. */
  readonly lengthMs: number;
};

/** How far arrow keys seek, in milliseconds. */
export const STEP_MS = 5000;
/** The same with Shift, and for page keys. */
export const FAR_STEP_MS = 30_000;

/** Where the playhead is, 0 to 1; 0 while nothing can be played. */
export function fractionOf({ positionMs, lengthMs }: Bar): number {
  return lengthMs > 0 ? clamp(positionMs / lengthMs, 1) : 0;
}

/**
 * The time under a pointer.
 *
 * @param x of the pointer, from the left of the page
 * @param track of the bar: its left side and width, in the same unit
 * @returns milliseconds, within the bar
 */
export function timeAt(
  lengthMs: number,
  x: number,
  track: { readonly left: number; readonly width: number },
): number {
  return track.width > 0 ? clamp((x - track.left) / track.width, 1) * lengthMs : 0;
}

/** The position after a step, within the bar. */
export function stepped({ positionMs, lengthMs }: Bar, stepMs: number): number {
  return clamp(positionMs + stepMs, lengthMs);
}

/**
 * The position after a key while the bar has the focus, by the ARIA practices for sliders.
 *
 * @param key KeyboardEvent.key
 * @returns milliseconds, or null for keys that mean nothing here
 */
export function timeByKey(bar: Bar, key: string, shiftKey: boolean): number | null {
  const stepMs = shiftKey ? FAR_STEP_MS : STEP_MS;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return stepped(bar, stepMs);
    case 'ArrowLeft':
    case 'ArrowDown':
      return stepped(bar, -stepMs);
    case 'PageUp':
      return stepped(bar, FAR_STEP_MS);
    case 'PageDown':
      return stepped(bar, -FAR_STEP_MS);
    case 'Home':
      return 0;
    case 'End':
      return bar.lengthMs;
    default:
      return null;
  }
}

/**
 * Left side of a box that is centred above a point of the bar and must not extend past its ends.
 *
 * @param fraction of the bar, 0 to 1
 * @param trackWidth and `width`: of the bar and of the box, in the same unit
 */
export function leftAbove(fraction: number, trackWidth: number, width: number): number {
  return clamp(fraction * trackWidth - width / 2, trackWidth - width);
}

/**
 * Formats a time: `4:05`, `1:04:05`.
 *
 * @param longestMs the longest time beside it: both show hours when one needs them
 */
export function clockTime(timeMs: number, longestMs = timeMs): string {
  const seconds = Math.floor(Math.max(0, timeMs) / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const ss = String(s).padStart(2, '0');
  return longestMs < 3_600_000 && h === 0 ? `${m}:${ss}` : `${h}:${String(m).padStart(2, '0')}:${ss}`;
}

/**
 * Splits a time for screen readers.
 *
 * @returns whole hours, minutes and seconds
 */
export function spokenParts(timeMs: number): { readonly h: number; readonly m: number; readonly s: number } {
  const seconds = Math.floor(Math.max(0, timeMs) / 1000);
  return { h: Math.floor(seconds / 3600), m: Math.floor(seconds / 60) % 60, s: seconds % 60 };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
