import { loadConfig } from '../config/load.ts';
import type { LecternConfig } from '../config/schema.ts';
import { isChannelId } from '../shared/names.ts';
import { mintToken, subFault, TOKEN_ROLES, type TokenClaims } from '../shared/token.ts';
import { readOptions, UsageError } from './usage.ts';

const DEFAULT_HOURS = 12;
/** A year: a token cannot be revoked before it expires. */
const MAX_HOURS = 8784;

/**
 * `lectern token`: prints one signed token, and nothing else, on standard output.
 *
 * @throws {UsageError} `bad-usage`
 * @throws {ConfigError} when the configuration, and so the secret, cannot be read
 */
export async function tokenCommand(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ['role', 'channel', 'name', 'sub', 'hours', 'config']);
  const config = loadConfig(options.config);
  const claims = claimsFrom(options, config, Date.now());
  process.stdout.write(`${await mintToken(config.secret, claims)}\n`);
}

/**
 * Turns options into claims.
 *
 * @param nowMs UTC in milliseconds
 * @throws {UsageError} `bad-usage` with the option and its value
 */
export function claimsFrom(
  options: Partial<Record<'role' | 'channel' | 'name' | 'sub' | 'hours', string>>,
  config: Pick<LecternConfig, 'channels'>,
  nowMs: number,
): TokenClaims {
  const role = TOKEN_ROLES.find((known) => known === options.role);
  if (role === undefined)
    throw new UsageError(`--role: want one of ${TOKEN_ROLES.join(', ')}${got(options.role)}`);

  const { channel, name } = options;
  if (channel === undefined || (channel !== '*' && !isChannelId(channel))) {
    throw new UsageError(`--channel: want the id of a channel, or '*' for all${got(channel)}`);
  }
  // A mistyped channel would otherwise only show as "forbidden" on a teacher's screen.
  const ids = config.channels.map((known) => known.id);
  if (channel !== '*' && ids.length > 0 && !ids.includes(channel)) {
    throw new UsageError(
      `--channel: the configuration has no channel ${JSON.stringify(channel)}; it has ${ids.slice(0, 10).join(', ')}`,
    );
  }
  if (name === undefined || name.length === 0 || name.length > 100) {
    throw new UsageError(`--name: want 1 to 100 characters${got(name)}`);
  }
  const sub = options.sub ?? name;
  const fault = subFault(sub);
  // It would be printed, and refused wherever it is shown.
  if (fault !== null) throw new UsageError(`${options.sub === undefined ? '--name' : '--sub'}: ${fault}`);
  const hours = options.hours === undefined ? DEFAULT_HOURS : Number(options.hours);
  if (!(hours > 0 && hours <= MAX_HOURS)) {
    throw new UsageError(`--hours: want a number above 0, at most ${MAX_HOURS}${got(options.hours)}`);
  }
  return {
    sub,
    name,
    channel,
    role,
    exp: Math.floor(nowMs / 1000 + hours * 3600),
  };
}

function got(value: string | undefined): string {
  return value === undefined ? '' : `, got ${JSON.stringify(value)}`;
}
