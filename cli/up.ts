import { networkInterfaces } from 'node:os';
import { loadConfig } from '../config/load.ts';
import type { LecternConfig } from '../config/schema.ts';
import { AppError } from '../shared/errors.ts';
import { endWithSignals } from '../shared/lifecycle.ts';
import { createLogger } from '../shared/logger.ts';
import { ROLE_NAMES, type RoleName } from '../shared/role.ts';
import { startPipeline } from './pipeline.ts';
import { raisePriority, workOf } from './priority.ts';
import { addressesOf, upAnnouncement } from './up-announcement.ts';
import { readOptions, UsageError } from './usage.ts';

/** The process exits when a stop takes longer than this, in milliseconds. */
const STOP_WITHIN_MS = 10_000;
/** A turn of a busy origin takes 100 ms: so 320 new viewers a second are answered, if only by being told to come later. */
const ACCEPTS_PER_TURN = 32;

/**
 * `lectern up`: runs every role, or one of them, until a signal ends it. Prints its addresses.
 *
 * @throws {AppError} any error of the start
 */
export async function upCommand(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ['role', 'config']);
  const roles = rolesFrom(options.role);
  const config = loadConfig(options.config);
  checkSplit(roles, config);
  const logger = createLogger();
  raisePriority(logger, workOf(roles));
  const pipeline = await startPipeline({
    ...{ config, roles, logger, withProcessMetrics: true, acceptsPerTurn: ACCEPTS_PER_TURN },
  });
  endWithSignals({ logger, stop: pipeline.stop, stopWithinMs: STOP_WITHIN_MS });
  process.stdout.write(
    upAnnouncement({ ...pipeline, roles, config, hosts: addressesOf(networkInterfaces()) }),
  );
}

/**
 * Reads `--role`.
 *
 * @throws {UsageError} `bad-usage`
 */
export function rolesFrom(role: string | undefined): readonly RoleName[] {
  if (role === undefined) return ROLE_NAMES;
  const known = ROLE_NAMES.find((name) => name === role);
  if (known === undefined) {
    throw new UsageError(`--role: want one of ${ROLE_NAMES.join(', ')}, got ${JSON.stringify(role)}`);
  }
  return [known];
}

/**
 * Checks that roles in processes of their own can reach each other.
 *
 * @throws {AppError} `role-needs-redis`, `role-needs-origins` or `role-needs-ingest-url`
 */
export function checkSplit(
  roles: readonly RoleName[],
  config: Pick<LecternConfig, 'redisUrl' | 'origins' | 'ingestUrl'>,
): void {
  if (roles.length === ROLE_NAMES.length) return;
  const role = roles.join(', ');
  if (config.redisUrl === undefined) {
    throw new AppError(
      `--role ${role}: roles in separate processes need Redis; set redisUrl in the configuration, or REDIS_URL`,
      { code: 'role-needs-redis', status: 400 },
    );
  }
  if ((roles.includes('transcode') || roles.includes('rollcall')) && config.origins.length === 0) {
    throw new AppError(
      `--role ${role}: set origins in the configuration to the address of each origin, such as http://origin-1:8080`,
      { code: 'role-needs-origins', status: 400 },
    );
  }
  if (roles.includes('ingest') && config.ingestUrl === undefined) {
    throw new AppError(
      `--role ${role}: set ingestUrl in the configuration to where transcode workers reach this ingest, such as http://ingest-1:8080`,
      { code: 'role-needs-ingest-url', status: 400 },
    );
  }
}
