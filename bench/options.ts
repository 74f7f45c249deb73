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
  /** How many classes at once in pressure. */
  readonly classes: readonly number[] | null;
  /** Cores that pressure's burner takes, or a load that changes. */
  readonly burn: number | 'random' | null;
  /** The burner goes before everything else, where that is permitted. */
  readonly burnHard: boolean;
  /** False leaves pressure's peer out. */
  readonly peer: boolean;
  /** What pressure runs. */
  readonly scenes: readonly string[] | null;
};

/** The options, for the person who asks. */
export const OPTIONS_USAGE = `  --fps 25,30            frame rates of glass
  --minutes N            length of glass (2, for each frame rate), conformance (10) and durability (5)
  --outage N             minutes of durability in which the store is away (1)
  --joins N              how often glass joins anew within its minutes (5)
  --profile fast         latency profiles: fast, steady, broad, or several with commas
  --seconds N            length of one measurement of the others; how long pressure's burner runs (60)
  --rounds N             how often origin, release and rollcall measure (3, 5 and 5)
  --students N           how many answer in rollcall (18000)
  --gateways N           several gateways on one Redis in rollcall (1, without Redis)
  --viewers 100,300,…    how many whole viewers at once
  --waiting N            requests that wait at once in release (5000)
  --tries N              attempts of intruders (1000)
  --clip FILE            what transcode encodes (a moving test picture when left out), and what pressure publishes: film, slides or a file
  --scenes burn,…        what pressure runs: joins, burn, off, classes, stop (all of them), or soak
  --classes 4,8          how many classes at once in pressure
  --burn N               cores that pressure's burner takes (1), or random: a soak of --minutes
  --burn-hard            the burner runs ahead of everything else (SCHED_FIFO), where that is permitted
  --no-peer              pressure without its peer`;

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
  'scenes',
  'classes',
  'burn',
] as const;
const SWITCHES = ['burn-hard', 'no-peer'] as const;
const SPECIFICATION: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>> = Object.fromEntries([
  ...NAMES.map((name) => [name, { type: 'string' }] as const),
  ...SWITCHES.map((name) => [name, { type: 'boolean' }] as const),
]);
/** Cores beyond this are no burner's business. */
const MOST_BURN = 64;

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
      options: SPECIFICATION,
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
      classes: list('classes', 64),
      burn: burnOf(text('burn')),
      burnHard: values['burn-hard'] === true,
      peer: values['no-peer'] !== true,
      scenes: text('scenes')?.split(',') ?? null,
    },
  };
}

function burnOf(text: string | null): number | 'random' | null {
  if (text === null || text === 'random') return text;
  return text === '0' ? 0 : positive('burn', text, MOST_BURN);
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
