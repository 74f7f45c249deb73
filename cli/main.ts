import { AppError, describeError } from '../shared/errors.ts';
import { configCommand } from './config-check.ts';
import { demoCommand } from './demo.ts';
import { nextStep } from './next-step.ts';
import { storeCommand } from './store.ts';
import { studentCommand } from './student.ts';
import { tokenCommand } from './token.ts';
import { upCommand } from './up.ts';
import { UsageError } from './usage.ts';

const USAGE = `lectern up [--role ingest|transcode|origin|rollcall] [--config FILE]
        run all roles, or one, in the foreground until Ctrl-C
lectern demo [--host ADDRESS] [--edge] [--config FILE]
        run all roles, and put a sample class on air; for this machine alone, --host 0.0.0.0 for the whole network; --edge: with
        Varnish in front
lectern token --role viewer|student|teacher|operator|encoder|worker --channel ID --name NAME [--sub ID] [--hours N] [--config FILE]
        print a signed token; --channel '*' for every channel
lectern store rebuild [--channel ID] [--config FILE]
        rebuild the archive's index from the stored segments
lectern store check [--deep [--channel ID]] [--config FILE]
        try the store as the archive uses it; --deep: compare the index of each broadcast with the objects, changing nothing
lectern config check [FILE]
        read a configuration, and print what it would do
lectern student export|erase --id ID [--channel ID] [--url URL] [--config FILE]
        print, or erase, all that is stored of one student; a running server does it
`;

const COMMANDS = new Map<string, (args: readonly string[]) => Promise<void> | void>([
  ['up', upCommand],
  ['demo', demoCommand],
  ['token', tokenCommand],
  ['store', storeCommand],
  ['config', configCommand],
  ['student', studentCommand],
]);

/** Runs the command line; resolves to the exit status when the command has ended, or its servers have started. */
async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (['help', '--help', '-h'].includes(name) || rest.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`${JSON.stringify(name)} is not a command`);
  await command(rest);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lectern: ${describeError(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${USAGE}`);
  else if (error instanceof AppError) {
    const next = nextStep(error.code);
    if (next !== null) process.stderr.write(`  Next: ${next}\n`);
  } else if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
  // Exits at once: a half-started role may have open sockets, with which the process would not end.
  process.exit(error instanceof UsageError ? 2 : 1);
}
