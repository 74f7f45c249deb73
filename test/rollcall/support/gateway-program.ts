/**
 * A gateway in a process of its own, so that a test can kill it: `gateway-program.ts CONFIG PORT`. Prints `gateway URL` when it
 * is ready.
 */
import { startPipeline } from '../../../cli/pipeline.ts';
import { loadConfig } from '../../../config/load.ts';
import { createLogger } from '../../../shared/logger.ts';

const [, , file = '', port = '0'] = process.argv;
const loaded = loadConfig(file);
const pipeline = await startPipeline({
  config: { ...loaded, http: { ...loaded.http, host: '127.0.0.1', port: Number(port) } },
  roles: ['rollcall'],
  logger: createLogger('warn'),
});
process.stdout.write(`gateway ${pipeline.url}\n`);
