import assert from 'node:assert/strict';
import { fakeOrigin, type FakeOrigin } from './support/fake-origin.ts';
import { fakeSource, joinedAt } from './support/fake-source.ts';
import { decodeErrors, readTrack, type ProbedTrack } from './support/read-track.ts';
import { picture, sampleTags, tone } from './support/sample-flv.ts';
import { SECRET, jobFor, startWorker } from './support/worker.ts';
import type { TranscodeJob } from '../../transcode/job.ts';

const LADDER = 'ladder: {rungs: [{height: 360, videoKbps: 500}, {height: 240, videoKbps: 250}]}\n';

/** Runs one broadcast, whole, through a worker and returns what the origin got. */
async function broadcast(
  parts: readonly Buffer[],
  job: Partial<TranscodeJob> = {},
  yaml = LADDER,
  breakOff = false,
): Promise<{ origin: FakeOrigin; lines: readonly string[] }> {
  const origin = await fakeOrigin(SECRET);
  const source = await fakeSource(SECRET, (response, connection) => {
    if (connection > 1) return void response.destroy();
    for (const part of parts) response.write(part);
    if (!breakOff) response.end();
    else setImmediate(() => response.destroy());
  });
  const worker = await startWorker([origin.url], yaml);
  await worker.queue.add('b1', jobFor(source.url, job));
  await origin.until(
    () => origin.received.length > 0 && origin.received.every((entry) => entry.end !== null),
  );
  await worker.stop();
  await source.close();
  await origin.close();
  return { origin, lines: worker.lines };
}

function assertOnGrid(track: ProbedTrack, fps: number): void {
  const tick = 90_000 / fps;
  track.frames.forEach((frame, i) => {
    assert.equal(frame.pts, frame.dts, `frame ${i}: no reordering`);
    assert.equal(frame.pts % tick, 0, `frame ${i} at ${frame.pts} lies on the frame grid`);
    assert.equal(
      frame.isKey,
      frame.pts % 144_000 === 0,
      `frame ${i} at ${frame.pts}: an IDR at K·D and only there`,
    );
    if (i > 0)
      assert.equal(frame.pts - (track.frames[i - 1]?.pts ?? 0), tick, `frame ${i} follows its predecessor`);
  });
  assert.equal((track.frames[0]?.pts ?? 1) % 144_000, 0, 'starts with a segment');
}

describe('transcode: a broadcast through real ffmpeg', () => {
  it('gives every rung at a constant frame rate, an IDR at each K·D, at epoch + source time', async () => {
    const tags = await sampleTags(picture('testsrc2=s=640x360:r=25:d=6'), tone(48_000, 6));
    const { origin } = await broadcast(joinedAt(tags, 0));
    const top = await readTrack(origin.bytesOf('360p'));
    const low = await readTrack(origin.bytesOf('240p'));
    assertOnGrid(top, 25);
    assertOnGrid(low, 25);
    assert.deepEqual([top.width, top.height, low.width, low.height], [640, 360, 426, 240]);
    // The clip's first picture has time 21 ms, so the first segment that is whole starts 1.6 s after the offset.
    assert.equal(top.frames[0]?.pts, 1_700_000_001_600 * 90);
    assert.equal(top.frames.length, 111, 'its 40th picture, of 1,581 ms, is the one at 1,600 ms');
    assert.deepEqual(
      low.frames.map((frame) => frame.pts),
      top.frames.map((frame) => frame.pts),
    );
    assert.equal(await decodeErrors(origin.bytesOf('360p')), '');
    const sound = await readTrack(origin.bytesOf('audio'));
    assert.equal(sound.timescaleHz, 48_000);
    assert.equal(sound.frames[0]?.pts, 1_700_000_001_600 * 48);
    assert.ok(sound.frames.every((frame, i) => frame.pts === (sound.frames[0]?.pts ?? 0) + i * 1024));
    assert.equal(await decodeErrors(origin.bytesOf('audio')), '');
    assert.ok(origin.received.every((entry) => entry.end === 'clean'));
    assert.ok(origin.received.every((entry) => entry.path.startsWith('/ingest/hall-7/live.b1/')));
  });
});
