/** One request for the time and its response. */
export type ClockAnswer = {
  /** The page's clock at the request and at the response, UTC milliseconds. */
  readonly askedMs: number;
  readonly answeredMs: number;
  /** What the server said, UTC milliseconds. */
  readonly serverMs: number;
};

/**
 * Calculates how far the page's clock is from the server's: students' machines are minutes off.
 *
 * @param answers a few; the one with the shortest round trip counts
 * @returns milliseconds to be added to the page's clock; 0 without answers
 */
export function clockOffsetMs(answers: readonly ClockAnswer[]): number {
  const [best] = [...answers].sort((a, b) => a.answeredMs - a.askedMs - (b.answeredMs - b.askedMs));
  return best === undefined ? 0 : best.serverMs - (best.askedMs + best.answeredMs) / 2;
}

/** The shortest round trip, in milliseconds; null without answers. */
export function roundTripMs(answers: readonly ClockAnswer[]): number | null {
  const trips = answers.map(({ askedMs, answeredMs }) => answeredMs - askedMs);
  return trips.length === 0 ? null : Math.min(...trips);
}
