/**
 * Limits that client and server share. Durations are in milliseconds.
 */
export const LIMITS = {
  /** Longest frame from a client, bytes; an answer needs a few hundred. */
  frameBytes: 4096,
  /** Characters (UTF-16 code units) of a prompt, a choice, a text answer and a name. */
  promptLength: 200,
  choiceLength: 80,
  textLength: 200,
  nameLength: 60,
  /** The same of an id on a class list (that of a `sub`, OpenID Connect Core §2) and of a class. */
  idLength: 255,
  groupLength: 60,
  /** Choices of one call. */
  choicesMin: 2,
  choicesMax: 6,
  /** How often a student may change her answer to one call. */
  changesMax: 20,
  /** How long a student may answer in time after hearing the call. */
  windowMinMs: 3000,
  windowMaxMs: 3_600_000,
  windowDefaultMs: 20_000,
  /** How long answers are accepted after that: it covers the latency of students, their networks and their retries. */
  graceMinMs: 2000,
  graceMaxMs: 120_000,
  graceDefaultMs: 30_000,
  /** A student who is further behind than this watches a start-over, not the class. */
  liveLatencyMs: 30_000,
  /** A player that stands still shows the call this long after its program date time, and marks the answer as stalled. */
  stalledAfterMs: 5000,
  /** How much a client's estimate of the server's clock may be wrong. */
  clockSlackMs: 2000,
  /** How inexact a reported playhead may be: a tap may be so long before the call, or after its window. */
  playheadSlackMs: 500,
  /** A client sends at least this often: a ping when there is nothing else to send. */
  pingEveryMs: 25_000,
  /** A connection without a frame for so long is ended. */
  silenceMs: 70_000,
  /** A connection without a hello for so long is closed. */
  helloWithinMs: 10_000,
  /** Without an ack for so long the client sends the same answer by POST. */
  ackWithinMs: 1500,
  /** Shortest time between two tallies. */
  tallyEveryMs: 250,
  /** Most answers that a tally names. */
  tallyChanged: 30,
} as const;
