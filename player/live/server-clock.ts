/** One question for the time and its answer. */
export type ClockAnswer = {
  /** The page's clock when it asked and when the answer came, UTC milliseconds. */
  readonly askedMs: number;
  readonly answeredMs: number;
  /** What the server said, UTC milliseconds. */
  readonly serverMs: number;
};

/**
 * Works out how far the page's clock is from the server's: students' machines are minutes off.
 *
 * @param answers a few; the one with the shortest round trip is the most exact
 * @returns milliseconds to be added to the page's clock; 0 without answers
 */
export function clockOffsetMs(answers: readonly ClockAnswer[]): number {
  const [best] = [...answers].sort((a, b) => a.answeredMs - a.askedMs - (b.answeredMs - b.askedMs));
  return best === undefined ? 0 : best.serverMs - (best.askedMs + best.answeredMs) / 2;
}
