import assert from 'node:assert/strict';
import { ROOT } from '../house/source-files.ts';
import { start } from '../support/process.ts';

describe('the log', () => {
  it('keeps secrets out, wherever in a configuration they stand', async () => {
    const fields = {
      key: 'zq7',
      publishKey: 'zq7',
      s3: { accessKey: 'zq7', secretKey: 'zq7', bucket: 'seen-1' },
      store: { s3: { accessKey: 'zq7', secretKey: 'zq7', bucket: 'seen-2' } },
      config: { store: { s3: { accessKey: 'zq7', secretKey: 'zq7', bucket: 'seen-3' } }, secret: 'zq7' },
    };
    const program = `
      import { createLogger } from './shared/logger.ts';
      createLogger().info(${JSON.stringify(fields)}, 'a line');`;
    const run = start(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: ROOT,
    });
    assert.equal(await run.exited(), 0, run.stderr());
    for (const word of ['a line', 'seen-1', 'seen-2', 'seen-3', '(redacted)'])
      assert.ok(run.stderr().includes(word), word);
    assert.ok(!run.stderr().includes('zq7'), run.stderr());
  });
});
