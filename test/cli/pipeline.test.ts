import assert from 'node:assert/strict';
import { AppError } from '../../shared/errors.ts';
import { freePort } from '../support/free-port.ts';
import { HALL_7_YAML, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a pipeline in one process', () => {
  let test: TestPipeline | null = null;
  afterEach(async () => {
    await test?.stop();
    test = null;
  });

  it('puts a class on air, and takes it off again', async () => {
    test = await startTestPipeline();
    const publisher = startPublisher({ url: test.publishUrl('hall-7') });
    await test.waitForState('hall-7', 'on-air');
    await publisher.stop();
    await test.waitForState('hall-7', 'over');
  }).timeout(60_000);

  it('answers /metrics and /healthz at its one address', async () => {
    test = await startTestPipeline();
    assert.match(await (await fetch(`${test.url}/metrics`)).text(), /^lectern_http_connections [1-9]/m);
    assert.equal((await fetch(`${test.url}/healthz`)).status, 200);
  });

  it('answers /metrics at the admin address alone, where there is one', async () => {
    const adminPort = await freePort();
    test = await startTestPipeline({
      yaml: `${HALL_7_YAML}http: {adminHost: 127.0.0.1, adminPort: ${adminPort}}`,
    });
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/metrics`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/healthz`)).status, 200);
    assert.equal((await fetch(`${test.url}/metrics`)).status, 404);
  });

  it('lets go of everything when a role cannot start', async () => {
    test = await startTestPipeline();
    const taken = Number(new URL(test.pipeline.rtmpUrl ?? '').port);
    const httpPort = await freePort();
    await assert.rejects(
      startTestPipeline({ httpPort, rtmpPort: taken }),
      (error) => error instanceof AppError && error.code === 'rtmp-listen-failed',
    );
    await assert.rejects(fetch(`http://127.0.0.1:${httpPort}/healthz`));
  });

  it('can be stopped twice', async () => {
    const { pipeline, stop } = await startTestPipeline();
    await Promise.all([pipeline.stop(), stop()]);
    await waitFor('it is gone', () =>
      fetch(pipeline.url).then(
        () => false,
        () => true,
      ),
    );
  });
});
