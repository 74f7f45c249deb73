import { readConfig } from '../config/load.ts';
import { reportConfig } from './config-report.ts';
import { UsageError } from './usage.ts';

/**
 * `lectern config check`: reads a configuration as `lectern up` would, and prints what it would do. It writes nothing, connects to
 * nothing, and prints no secret.
 *
 * @param args `check`, and the file; LECTERN_CONFIG where none is named
 * @throws {UsageError} `bad-usage`
 * @throws {ConfigError} `no-config-file`, or `bad-config` with a line for each fault
 */
export function configCommand([task, ...args]: readonly string[]): void {
  if (task !== 'check') throw new UsageError(`config ${JSON.stringify(task ?? '')}: want config check`);
  const [file = process.env['LECTERN_CONFIG'] ?? '', ...more] = args;
  if (more.length > 0 || file.startsWith('-'))
    throw new UsageError('config check: want one file and no options');
  const config = readConfig(file === '' ? undefined : file);
  const name = file === '' ? 'no file: the defaults, and the environment' : file;
  process.stdout.write(`${[`${name}: fine`, '', ...reportConfig(config)].join('\n')}\n`);
}
