/**
 * What bounds the roll call on both sides of the line. Durations in milliseconds unless the name says otherwise.
 */
export const LIMITS = {
  /** Longest frame from a client, bytes; a roll of answers needs a few hundred. */
  frameBytes: 4096,
  /** Characters (UTF-16 code units) of a prompt, a choice, a text answer and a name. */
  promptLength: 200,
  choiceLength: 80,
  textLength: 200,
  nameLength: 60,
  /** Choices of one call. */
  choicesMin: 2,
  choicesMax: 6,
  /** How long a student has from when she hears the call. */
  windowMinMs: 3000,
  windowMaxMs: 3_600_000,
  windowDefaultMs: 20_000,
  /** How long answers are taken after that: it covers how far behind students are, their network and their retries. */
  graceMinMs: 2000,
  graceMaxMs: 120_000,
  graceDefaultMs: 30_000,
  /** Who is further behind than this hears the call in the recording, not in the class. */
  liveLatencyMs: 30_000,
  /** A player that stands still shows the call after this all the same, and says so. */
  stalledAfterMs: 5000,
  /** By how much the clocks of student and server may differ after they were compared. */
  clockSlackMs: 2000,
  /** By how much a playhead may be read before the call's own time, or after its window. */
  playheadSlackMs: 500,
  /** A client is to be heard at least this often: it sends a ping when it has nothing else to say. */
  pingEveryMs: 25_000,
  /** A connection that was silent for so long is closed. */
  silenceMs: 70_000,
  /** A connection says hello within this, or is closed. */
  helloWithinMs: 10_000,
  /** No ack after this: the client sends the same answer by POST. */
  ackWithinMs: 1500,
  /** At most one snapshot to teachers in this time: four a second. */
  tallyEveryMs: 250,
  /** Answers that one snapshot names. */
  tallyChanged: 30,
} as const;
