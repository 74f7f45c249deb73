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

/** When a request was sent and its answer began, as PerformanceResourceTiming has it. Milliseconds. */
export type TimedRequest = Pick<PerformanceResourceTiming, 'requestStart' | 'responseStart'>;

/**
 * The shortest round trip, in milliseconds; null without answers. A page that is busy notices an answer late; what the browser itself
 * has measured is nearer to what the line takes.
 *
 * @param timed the same requests, or some of them; those of which nothing is told have zeros
 */
export function roundTripMs(
  answers: readonly ClockAnswer[],
  timed: readonly TimedRequest[] = [],
): number | null {
  const noticed = answers.map(({ askedMs, answeredMs }) => answeredMs - askedMs);
  const measured = timed
    .filter(({ requestStart, responseStart }) => requestStart > 0 && responseStart >= requestStart)
    .map(({ requestStart, responseStart }) => responseStart - requestStart);
  return noticed.length === 0 ? null : Math.min(...noticed, ...measured);
}
