import { start } from '../support/process.ts';
import { ROOT } from './source-files.ts';

describe('the house', () => {
  it('is clean: format, lint and types (lectern check)', async () => {
    const check = start('npm', ['run', '--silent', 'check'], {
      cwd: ROOT,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    const status = await check.exited(240_000);
    if (status !== 0)
      throw new Error(`lectern check ended with ${status}:\n${check.stdout()}${check.stderr()}`);
  }).timeout(250_000);
});
