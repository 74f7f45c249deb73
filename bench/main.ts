import { describeError } from '../shared/errors.ts';
import { archive } from './archive.ts';
import { arrivals } from './arrivals.ts';
import { avsync } from './avsync.ts';
import type { Bench, BenchProgram } from './bench.ts';
import { conformance } from './conformance.ts';
import { glass } from './glass.ts';
import { intruders } from './intruders.ts';
import { crowd } from './crowd.ts';
import { durability } from './durability.ts';
import { BenchUsageError, OPTIONS_USAGE, readCommandLine } from './options.ts';
import { origin } from './origin.ts';
import { pressure } from './pressure.ts';
import { releaseBench } from './release.ts';
import { describeMachine, machineLine } from './report/machine.ts';
import { keepResult } from './report/results.ts';
import { table } from './report/table.ts';
import { rollcall } from './rollcall.ts';
import { transcode } from './transcode.ts';
import { viewers } from './viewers.ts';

const BENCHES: readonly Bench[] = [
  glass,
  origin,
  releaseBench,
  viewers,
  avsync,
  transcode,
  conformance,
  intruders,
  archive,
  durability,
  rollcall,
  pressure,
  crowd,
  arrivals,
];

const NEEDS = '--needs';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** What the named benchmarks need; of all where none is named. */
function needsOf(args: readonly string[]): readonly BenchProgram[] {
  const { names } = readCommandLine(
    args,
    BENCHES.map(({ name }) => name),
  );
  const named = BENCHES.filter(({ name }) => names.includes(name));
  return [...new Set(named.flatMap(({ needs }) => needs))];
}

async function run(args: readonly string[]): Promise<number> {
  const { names, options } = readCommandLine(
    args,
    BENCHES.map(({ name }) => name),
  );
  const machine = describeMachine();
  print(machineLine(machine));
  let status = 0;
  for (const bench of BENCHES.filter(({ name }) => names.includes(name))) {
    print(`\n${bench.name}: ${bench.title}`);
    const started = new Date();
    const command = [
      './lectern bench',
      bench.name,
      ...args.filter((arg) => arg !== bench.name && !names.includes(arg)),
    ].join(' ');
    try {
      const result = await bench.run({ options, say: (line) => print(`  ${line}`) });
      print(`\n${table(result.rows)}`);
      for (const note of result.notes) print(`  ${note}`);
      print(`  kept in ${keepResult(bench, result, { machine, started, command })}`);
      if (result.broken === true) status = 1;
    } catch (error) {
      print(`  failed: ${describeError(error)}`);
      status = 1;
    }
  }
  return status;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const usage = `lectern bench [NAME…] [options]\n${BENCHES.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}\n\n${OPTIONS_USAGE}\n`;
const args = process.argv.slice(2);
if (args.some((arg) => arg === '--help' || arg === '-h')) {
  process.stdout.write(usage);
  process.exit(0);
}
try {
  // `lectern` asks what to install.
  if (args[0] === NEEDS) {
    print(needsOf(args.slice(1)).join(' '));
    process.exit(0);
  }
  process.exit(await run(args));
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  process.stderr.write(`lectern bench: ${error.message}\n\n${usage}`);
  process.exit(2);
}
