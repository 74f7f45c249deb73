/** A line of ffmpeg's standard error, cleaned for the log. */
export type FfmpegLine = {
  readonly level: 'warning' | 'error';
  /** One line without memory addresses; at most 300 characters. */
  readonly text: string;
};

/** Messages that every healthy run prints. */
const HARMLESS = [
  /not enough frames to estimate rate/,
  /Could not find codec parameters .*unspecified/,
  /Consider increasing the value for the 'analyzeduration'/,
  /Frame rate very high for a muxer/,
  /deprecated pixel format used/,
  /Timestamps are unset in a packet/,
];

/**
 * Reads a line that ffmpeg wrote with `-loglevel level+warning`. Pure.
 *
 * @param line one line of standard error
 * @returns null for an empty line and for messages of no use to an operator
 */
export function readFfmpegLine(line: string): FfmpegLine | null {
  const match = /\[(warning|error|fatal|panic)\]\s*(.*)$/.exec(line);
  const component = /^\[([^\]@]+?)(?: @ 0x[0-9a-f]+)?\]\s*\[(?:warning|error|fatal|panic)\]/.exec(line)?.[1];
  const message = (match === null ? line : (match[2] ?? '')).trim();
  if (message === '' || HARMLESS.some((known) => known.test(message))) return null;
  // A line may contain text from the stream: control characters are replaced.
  const clean = message.replace(/ @ 0x[0-9a-f]+/g, '').replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?');
  const secretless = clean.replace(/(Bearer |token=|key=)\S+/gi, '$1(redacted)');
  const named = component === undefined ? secretless : `${component}: ${secretless}`;
  return {
    level: match?.[1] === 'warning' ? 'warning' : 'error',
    text: named.length > 300 ? `${named.slice(0, 299)}…` : named,
  };
}

/** Limits log lines per time window and counts the rest: a broken source produces thousands a second. */
export class LineLimit {
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #seen = 0;
  readonly #lines: number;
  readonly #windowMs: number;

  /** @param lines the most that pass in each `windowMs` milliseconds */
  constructor(lines: number, windowMs: number) {
    this.#lines = lines;
    this.#windowMs = windowMs;
  }

  /**
   * @param nowMs monotonic time, milliseconds
   * @returns whether to write this line, and how many were dropped before it
   */
  admit(nowMs: number): { readonly write: boolean; readonly leftOut: number } {
    let leftOut = 0;
    if (nowMs - this.#windowStartMs >= this.#windowMs) {
      leftOut = Math.max(0, this.#seen - this.#lines);
      this.#windowStartMs = nowMs;
      this.#seen = 0;
    }
    this.#seen++;
    return { write: this.#seen <= this.#lines, leftOut };
  }
}
