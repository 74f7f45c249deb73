import { parseArgs } from 'node:util';
import { LATENCY_PROFILES, type LatencyProfile } from '../config/schema.ts';
import { AppError } from '../shared/errors.ts';

/** What the command line may set. What is left out is null, and each benchmark has a default of its own. */
export type BenchOptions = {
  readonly fps: readonly number[] | null;
  readonly minutes: number | null;
  /** Minutes that the store is away. */
  readonly outage: number | null;
  readonly seconds: number | null;
  readonly joins: number | null;
  readonly profiles: readonly LatencyProfile[] | null;
  readonly viewers: readonly number[] | null;
  readonly waiting: number | null;
  readonly tries: number | null;
  readonly rounds: number | null;
  /** How many answer in rollcall, and on how many gateways. */
  readonly students: number | null;
  readonly gateways: number | null;
  /** A clip that ffmpeg can read. */
  readonly clip: string | null;
};

/** The options, for the person who asks. */
export const OPTIONS_USAGE = `  --fps 25,30            frame rates of glass
  --minutes N            length of glass (2, for each frame rate), conformance (10) and durability (5)
  --outage N             minutes of durability in which the store is away (1)
  --joins N              how often glass joins anew within its minutes (5)
  --profile fast         latency profiles: fast, steady, broad, or several with commas
  --seconds N            length of one measurement of the others
  --rounds N             how often origin, release and rollcall measure (3, 5 and 5)
  --students N           how many answer in rollcall (18000)
  --gateways N           several gateways on one Redis in rollcall (1, without Redis)
  --viewers 100,300,…    how many whole viewers at once
  --waiting N            requests that wait at once in release (5000)
  --tries N              attempts of intruders (1000)
  --clip FILE            what transcode encodes; a moving test picture when left out`;

const NAMES = [
  'fps',
  'minutes',
  'outage',
  'seconds',
  'joins',
  'profile',
  'viewers',
  'waiting',
  'tries',
  'rounds',
  'students',
  'gateways',
  'clip',
] as const;

/** A command line that cannot be followed. */
export class BenchUsageError extends AppError {
  constructor(message: string) {
    super(message, { code: 'bad-usage', status: 400 });
  }
}

/**
 * Reads the command line of `lectern bench`. Pure.
 *
 * @param args names of benchmarks and options, in any order
 * @param known names that there are; all of them where none is named
 * @throws {BenchUsageError} `bad-usage`
 */
export function readCommandLine(
  args: readonly string[],
  known: readonly string[],
): { readonly names: readonly string[]; readonly options: BenchOptions } {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const])),
      strict: true,
      allowPositionals: true,
    });
  } catch (error) {
    throw new BenchUsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
  const { values, positionals } = parsed;
  // Its name before 0.2, which scripts may still use.
  const asked = positionals.map((name) => (name === 'kept' ? 'durability' : name));
  for (const name of asked) {
    if (!known.includes(name)) {
      throw new BenchUsageError(
        `${JSON.stringify(name)} is not a benchmark: want one of ${known.join(', ')}`,
      );
    }
  }
  const text = (name: (typeof NAMES)[number]): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  const list = (name: (typeof NAMES)[number], most: number): number[] | null =>
    text(name)
      ?.split(',')
      .map((item) => positive(name, item, most)) ?? null;
  const one = (name: (typeof NAMES)[number], most: number): number | null => {
    const value = text(name);
    return value === null ? null : positive(name, value, most);
  };
  return {
    names: asked.length > 0 ? asked : known,
    options: {
      fps: list('fps', 60),
      minutes: one('minutes', 600),
      outage: one('outage', 600),
      seconds: one('seconds', 3600),
      joins: one('joins', 100),
      profiles: text('profile')?.split(',').map(profile) ?? null,
      viewers: list('viewers', 20_000),
      waiting: one('waiting', 20_000),
      tries: one('tries', 1_000_000),
      rounds: one('rounds', 100),
      students: one('students', 1_000_000),
      gateways: one('gateways', 64),
      clip: text('clip'),
    },
  };
}

function positive(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= most)) {
    throw new BenchUsageError(
      `--${name}: want a number above 0 and up to ${most}, got ${JSON.stringify(text)}`,
    );
  }
  return value;
}

function profile(text: string): LatencyProfile {
  const known = LATENCY_PROFILES.find((name) => name === text);
  if (known === undefined) {
    throw new BenchUsageError(`--profile: want ${LATENCY_PROFILES.join(', ')}, got ${JSON.stringify(text)}`);
  }
  return known;
}
