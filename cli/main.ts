import { AppError, describeError } from '../shared/errors.ts';
import { demoCommand } from './demo.ts';
import { storeCommand } from './store.ts';
import { tokenCommand } from './token.ts';
import { upCommand } from './up.ts';
import { UsageError } from './usage.ts';

const USAGE = `lectern up [--role ingest|transcode|origin|rollcall] [--config FILE]
        the pipeline, or one role of it, in the foreground until Ctrl-C
lectern demo [--config FILE]
        the pipeline with a sample class on air
lectern token --role student|teacher|operator|encoder|worker --channel ID --name NAME [--sub ID] [--hours N] [--config FILE]
        a signed token; --channel '*' for every channel
lectern store rebuild [--channel ID] [--config FILE]
        makes the index of what was on air anew, from the segments in the store alone
`;

const COMMANDS = new Map([
  ['up', upCommand],
  ['demo', demoCommand],
  ['token', tokenCommand],
  ['store', storeCommand],
]);

/** Runs the command line; resolves to the exit status once a command has ended or runs on its own. */
async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (name === 'help' || name === '--help' || name === '-h') {
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
  else if (!(error instanceof AppError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  // Left at once: a half-started role may still hold sockets that would keep the process alive.
  process.exit(error instanceof UsageError ? 2 : 1);
}
