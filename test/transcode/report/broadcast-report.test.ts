import assert from 'node:assert/strict';
import { writeLineTag } from '../../../media/flv/line-tag.ts';
import { joinedAt } from '../support/fake-source.ts';
import { LADDER, cleanUp, newOrigin, newSource, newWorker } from '../support/run-broadcast.ts';
import { picture, sampleTags, tone } from '../support/sample-flv.ts';
import { SECRET, jobFor } from '../support/worker.ts';

describe('transcode: reports about a broadcast', function () {
  this.timeout(60_000);
  afterEach(cleanUp);

  it('tell origins its plan and the lag at each stage, the line by ingest’s clock, and stand in the metrics', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=4'), tone(48_000, 4));
    const newestMs = Math.max(...tags.filter(({ kind }) => kind === 'video').map((tag) => tag.timestampMs));
    const epochOffsetMs = Date.now() - newestMs;
    const origin = await newOrigin();
    const source = await newSource(SECRET, (response) => {
      for (const part of joinedAt(tags, 0)) response.write(part);
      // The newest picture was 500 ms old when it came to ingest.
      response.write(writeLineTag(epochOffsetMs + newestMs + 500));
    });
    const worker = await newWorker([origin.url], LADDER);
    await worker.queue.add('b1', jobFor(source.url, { epochOffsetMs }));
    await origin.until(() => {
      const lagMs = origin.reports.at(-1)?.lagMs;
      return typeof lagMs?.line.picture === 'number' && typeof lagMs.rungs['240p'] === 'number';
    });
    const report = origin.reports.at(-1);
    assert.deepEqual(report?.plan.away, []);
    assert.ok(report.plan.tracks.includes('240p'));
    const { line, source: read, sound, uplink } = report.lagMs;
    assert.ok((line.picture ?? 0) >= 500 && (line.picture ?? 0) < 60_000, `${line.picture} ms at the line`);
    for (const ageMs of [read.picture, read.sound, sound, uplink]) assert.equal(typeof ageMs, 'number');
    const text = await worker.metrics.metrics();
    assert.match(text, /^lectern_transcode_lag_worst_seconds\{stage="rung"\} -?\d/m);
    await worker.stop();
    assert.doesNotMatch(await worker.metrics.metrics(), /lag_worst_seconds\{/);
  });
});
