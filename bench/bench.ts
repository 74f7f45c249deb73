import type { BenchOptions } from './options.ts';

/** One line of a benchmark's table: ours beside the peer's. */
export type Row = {
  /** What was measured, with its condition: `part of 40 kB`. */
  readonly what: string;
  /** Unit of both values: `ms`, `req/s`, `cores`. */
  readonly unit: string;
  /** null where it could not be measured. */
  readonly ours: number | null;
  /** What ours is held against; '' for nothing. */
  readonly peer: string;
  readonly theirs: number | null;
  /** The figure that is aimed at, as text: `≤ 500`; '' for none. */
  readonly mark: string;
  /** Whether the mark was reached; null where there is none, or no figure. */
  readonly met: boolean | null;
};

/** What one run of a benchmark gave. */
export type BenchResult = {
  readonly rows: readonly Row[];
  /** What a reader has to know of this run: what was missing, what failed. */
  readonly notes: readonly string[];
  /** Everything that was measured, for the JSON file. */
  readonly detail: unknown;
  /** True where a rule is broken that allows no exception: the command then ends with status 1. */
  readonly broken?: boolean;
};

/** What a benchmark is run with. */
export type BenchContext = {
  readonly options: BenchOptions;
  /** Tells the person in front of it how far it is. */
  say(line: string): void;
};

/** A program that a benchmark starts, and `lectern` installs or builds before it. `s3` stands for the S3 servers. */
export type BenchProgram = 'ffmpeg' | 'chromium' | 'redis' | 's3';

/** One benchmark. */
export type Bench = {
  readonly name: string;
  /** A line for the table's head. */
  readonly title: string;
  /** What has to be there before it runs. */
  readonly needs: readonly BenchProgram[];
  run(context: BenchContext): Promise<BenchResult>;
};

/**
 * Makes a row that is held against a mark.
 *
 * @param most the largest value of ours that reaches the mark; null for none
 */
export function rowAtMost(
  what: string,
  unit: string,
  ours: number | null,
  most: number | null,
  peer = '',
  theirs: number | null = null,
): Row {
  const met = most === null || ours === null || Number.isNaN(ours) ? null : ours <= most;
  return { what, unit, ours, peer, theirs, mark: most === null ? '' : `≤ ${most}`, met };
}

/**
 * Makes a row whose mark is a ratio of ours to the peer's.
 *
 * @param mark the ratio that is aimed at, and on which side of it ours is to be
 */
export function rowByRatio(
  what: string,
  unit: string,
  ours: number | null,
  peer: string,
  theirs: number | null,
  mark: { readonly atLeast: number } | { readonly atMost: number },
): Row {
  const ratio = ratioOf(ours, theirs);
  if ('atLeast' in mark) {
    return {
      what,
      unit,
      ours,
      peer,
      theirs,
      mark: `≥ ${mark.atLeast} ×`,
      met: ratio === null ? null : ratio >= mark.atLeast,
    };
  }
  return {
    what,
    unit,
    ours,
    peer,
    theirs,
    mark: `≤ ${mark.atMost} ×`,
    met: ratio === null ? null : ratio <= mark.atMost,
  };
}

/** Ours divided by theirs; null where one of them is missing, or theirs is 0. */
export function ratioOf(ours: number | null, theirs: number | null): number | null {
  if (ours === null || theirs === null) return null;
  const ratio = ours / theirs;
  return Number.isFinite(ratio) ? ratio : null;
}
