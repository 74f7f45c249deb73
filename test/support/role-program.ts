/**
 * A role in a process of its own, so that a test can kill it: `role-program.ts ROLE CONFIG PORT`. Prints `ROLE URL` when it is
 * ready.
 */
import { startPipeline } from '../../cli/pipeline.ts';
import { rolesFrom } from '../../cli/up.ts';
import { loadConfig } from '../../config/load.ts';
import { createLogger } from '../../shared/logger.ts';

const [, , role = '', file = '', port = '0'] = process.argv;
const loaded = loadConfig(file);
const pipeline = await startPipeline({
  config: { ...loaded, http: { ...loaded.http, host: '127.0.0.1', port: Number(port) } },
  roles: rolesFrom(role),
  logger: createLogger('info'),
});
process.stdout.write(`${role} ${pipeline.url}\n`);
