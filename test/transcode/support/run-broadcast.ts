import type { TranscodeJob } from '../../../transcode/job.ts';
import { type FakeOrigin, fakeOrigin } from './fake-origin.ts';
import { type FakeSource, fakeSource } from './fake-source.ts';
import { SECRET, type TestWorker, jobFor, startWorker } from './worker.ts';

/** Two small rungs: what these tests need of the machine. */
export const LADDER = 'ladder: {rungs: [{height: 360, videoKbps: 500}, {height: 240, videoKbps: 250}]}\n';

const cleanups: (() => Promise<void>)[] = [];

/** Stops what the functions below have started, the last one first: for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** An origin that is closed after the test. */
export const newOrigin = async (): Promise<FakeOrigin> => {
  const origin = await fakeOrigin(SECRET);
  cleanups.push(() => origin.close());
  return origin;
};
/** A source that is closed after the test. */
export const newSource = async (...args: Parameters<typeof fakeSource>): Promise<FakeSource> => {
  const source = await fakeSource(...args);
  cleanups.push(() => source.close());
  return source;
};
/** A worker that is stopped after the test. */
export const newWorker = async (...args: Parameters<typeof startWorker>): Promise<TestWorker> => {
  const worker = await startWorker(...args);
  cleanups.push(() => worker.stop());
  return worker;
};

/** Runs one broadcast, whole, through a worker and returns what the origin got. */
export async function broadcast(
  parts: readonly Buffer[],
  job: Partial<TranscodeJob> = {},
  yaml = LADDER,
  breakOff = false,
): Promise<{ origin: FakeOrigin; lines: readonly string[] }> {
  const origin = await newOrigin();
  const source = await newSource(SECRET, (response, connection) => {
    if (connection > 1) return void response.destroy();
    for (const part of parts) response.write(part);
    if (!breakOff) response.end();
    else setImmediate(() => response.destroy());
  });
  const worker = await newWorker([origin.url], yaml);
  await worker.queue.add('b1', jobFor(source.url, job));
  await origin.until(
    () => origin.received.length > 0 && origin.received.every((entry) => entry.end !== null),
  );
  await worker.stop();
  return { origin, lines: worker.lines };
}
