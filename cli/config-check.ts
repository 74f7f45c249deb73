import { readFileSync } from 'node:fs';
import { ConfigError, parseConfig } from '../config/load.ts';
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
  let text = '';
  try {
    if (file !== '') text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`configuration ${file} cannot be read`, { code: 'no-config-file', cause });
  }
  const name = file === '' ? 'no file: the defaults, and the environment' : file;
  const config = parseConfig(text, process.env, file === '' ? 'configuration' : file);
  process.stdout.write(`${[`${name}: fine`, '', ...reportConfig(config)].join('\n')}\n`);
}
