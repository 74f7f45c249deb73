import type { DialectName } from './dialect.ts';

/** A part of the students, in one process. */
export type CrowdOptions = {
  readonly dialect: DialectName;
  /** Servers; a student always goes to the same one. */
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  readonly channel: string;
  readonly secret: string;
  /** The first of them is `student-{first}`. */
  readonly first: number;
  readonly count: number;
  /** How many connections are begun in a second at the start. */
  readonly connectPerSecond: number;
  /** Addresses of this machine that they come from, in turn. */
  readonly sources: readonly string[];
};

/** How a crowd fared with the newest call. Times are UTC milliseconds; NaN for what has not come. */
export type AnswersReport = {
  readonly kind: 'answers';
  /** When each was asked. */
  readonly calledAtMs: Float64Array;
  /** When each was told that it counts. */
  readonly ackedAtMs: Float64Array;
  /** Acks of another status than present, or of another answer, and refusals. */
  readonly odd: number;
  /** Connections that were lost since the last report. */
  readonly lost: number;
  /** Share of one core that this process needed between the first call and the last ack. */
  readonly busy: number;
};

/** How a crowd came back after all its connections were dropped. */
export type StormReport = {
  readonly kind: 'back';
  /** From the drop to each one's welcome, milliseconds. */
  readonly backAfterMs: Float64Array;
  /** Attempts that were answered 503. */
  readonly refusals: number;
  /** Students who were refused again when they came after their Retry-After. */
  readonly refusedAgain: number;
  /** Longest time from when a student was first told to be back to her last refusal, milliseconds; 0 for none. */
  readonly beyondMs: number;
  /** Attempts that were neither answered 503 nor welcomed. */
  readonly broken: number;
};
