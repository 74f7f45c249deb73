import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { joinedAt } from './support/fake-source.ts';
import { decodeErrors, readTrack } from './support/read-track.ts';
import { LADDER, broadcast, cleanUp, newOrigin, newSource, newWorker } from './support/run-broadcast.ts';
import { FFMPEG, picture, sampleTags, tone } from './support/sample-flv.ts';
import { SECRET, jobFor } from './support/worker.ts';
import { waitFor } from '../support/wait-for.ts';

describe('transcode: what goes wrong', () => {
  const folders: string[] = [];
  afterEach(cleanUp);
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  it('a line that dropped ends the feed as interrupted, after all that was read', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=5'), tone(48_000, 5));
    const { origin } = await broadcast(joinedAt(tags, 0), {}, LADDER, true);
    assert.ok(origin.received.length >= 2);
    assert.ok(origin.received.every((entry) => entry.end === 'clean' && entry.ending === 'interrupted'));
    assert.ok((await readTrack(origin.bytesOf('240p'))).frames.length >= 70);
  });

  it('an ffmpeg that is killed is started again, and the picture stands meanwhile', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=12'), tone(48_000, 12));
    const origin = await newOrigin();
    const parts = joinedAt(tags, 0);
    let go: () => void = () => {};
    const killed = new Promise<void>((resolve) => {
      go = resolve;
    });
    const source = await newSource(SECRET, async (response) => {
      for (const part of parts.slice(0, 300)) response.write(part);
      await killed;
      for (const part of parts.slice(300)) response.write(part);
      response.end();
    });
    const worker = await newWorker([origin.url], LADDER.replace('{rungs', '{shed: [], rungs'));
    const others = await ffmpegChildren();
    await worker.queue.add('b1', jobFor(source.url));
    await origin.until(() => origin.bytesOf('240p').length > 20_000);
    // All of them: on a slow machine a second one may be about to take over.
    const pids = (await ffmpegChildren()).filter((each) => !others.includes(each));
    assert.ok(pids.length > 0, 'an ffmpeg of this test runs');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await worker.lineWith('is restarted');
    go();
    await origin.until(() => origin.received.every((entry) => entry.end === 'clean'));
    await worker.stop();
    assert.equal(await decodeErrors(origin.bytesOf('240p')), '');
    const track = await readTrack(origin.bytesOf('240p'));
    const steps = new Set(track.frames.slice(1).map((frame, i) => frame.pts - (track.frames[i]?.pts ?? 0)));
    assert.deepEqual([...steps], [3600], 'no frame is missing');
    for (const id of ['360p', '240p', 'audio']) {
      assert.equal(
        origin.bytesOf(id).toString('latin1').split('moov').length,
        2,
        `${id} has one init segment`,
      );
    }
    assert.ok(track.frames.length > 150);
    const onGrid = track.frames.filter(({ pts }) => pts % 144_000 === 0);
    assert.ok(onGrid.filter(({ isKey }) => isKey).length >= onGrid.length - 1, 'segments begin with an IDR');
    assert.match(await worker.metrics.metrics(), /ffmpeg_restarts_total\{kind="picture"\} [1-9]/);
  });

  /** The real ffmpeg for questions, none for work. */
  const brokenFfmpeg = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'lectern-test-'));
    folders.push(folder);
    const program = join(folder, 'ffmpeg');
    const script = `#!/bin/sh\ncase "$*" in *pipe:0*) echo "[error] out of paper" >&2; exit 1;; esac\nexec ${FFMPEG} "$@"\n`;
    await writeFile(program, script, { mode: 0o755 });
    return program;
  };

  it('an ffmpeg that never works is given up where nothing may be copied: the job fails, in words', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=5'));
    const origin = await newOrigin();
    const source = await newSource(SECRET, (response) => {
      for (const part of joinedAt(tags, 0)) response.write(part);
    });
    const ladder = LADDER.replace('{rungs', '{shed: [preset], rungs');
    const worker = await newWorker([origin.url], ladder, await brokenFfmpeg());
    const line = worker.lineWith('transcoding failed');
    await worker.queue.add('b1', jobFor(source.url, { audio: null }));
    assert.match(await line, /ffmpeg failed 6 times, last: .*out of paper/);
    assert.ok(!worker.lines.some((each) => each.includes('Bearer') || each.includes('never-logged')));
    await worker.stop();
  });

  it('an ffmpeg that never works: the publisher’s own pictures are passed through', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=30'));
    const origin = await newOrigin();
    const parts = joinedAt(tags, 0);
    let passed: () => void = () => {};
    const isPassed = new Promise<void>((resolve) => {
      passed = resolve;
    });
    const source = await newSource(SECRET, async (response) => {
      for (const part of parts.slice(0, 100)) response.write(part);
      await isPassed;
      for (const part of parts.slice(100)) response.write(part);
      response.end();
    });
    const worker = await newWorker([origin.url], LADDER, await brokenFfmpeg());
    await worker.queue.add('b1', jobFor(source.url, { audio: null }));
    await worker.lineWith('are passed through from now on');
    passed();
    await origin.until(
      () => origin.received.length > 0 && origin.received.every((entry) => entry.end === 'clean'),
    );
    await worker.stop();
    const track = await readTrack(origin.bytesOf('360p'));
    assert.deepEqual([track.width, track.height], [320, 180]);
    assert.ok(track.frames.length > 500);
    assert.ok(track.frames[0]?.isKey === true && (track.frames[0]?.pts ?? 1) % 144_000 === 0);
    assert.equal(await decodeErrors(origin.bytesOf('360p')), '');
  });

  it('a source that does not take the token: the job fails, in words', async () => {
    const origin = await newOrigin();
    const source = await newSource('another secret altogether', () => {});
    const worker = await newWorker([origin.url], LADDER);
    const line = worker.lineWith('transcoding failed');
    await worker.queue.add('b1', jobFor(source.url));
    assert.match(await line, /answered 401: do both roles have the same secret/);
    await worker.stop();
  });

  it('a job that is none, or for a channel that is not ours, is refused', async () => {
    const worker = await newWorker([], LADDER);
    await worker.queue.add('x', { ...jobFor('http://127.0.0.1:1/x'), channel: 'hall-8' });
    await worker.lineWith('channel hall-8 is not configured here');
    await worker.queue.add('y', { ...jobFor('file:///etc/passwd'), epochOffsetMs: Number.NaN });
    const line = await worker.lineWith('transcode job: sourceUrl');
    assert.match(line, /epochOffsetMs/);
    await worker.stop();
  });

  it('stopping the worker ends its ffmpeg and breaks the uplinks: another worker may go on', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=5'), tone(48_000, 5));
    const origin = await newOrigin();
    const source = await newSource(SECRET, (response) => {
      for (const part of joinedAt(tags, 0)) response.write(part);
    });
    const worker = await newWorker([origin.url], LADDER);
    const others = await ffmpegChildren();
    await worker.queue.add('b1', jobFor(source.url));
    await origin.until(() => origin.bytesOf('240p').length > 5000);
    await worker.stop();
    assert.deepEqual(await ffmpegChildren(), others);
    await origin.until(() => origin.received.every((entry) => entry.end === 'broken'));
  });

  it('no ffmpeg outlives a worker that is killed', async () => {
    const file = new URL('./support/ffmpeg-holder.ts', import.meta.url).pathname;
    // A process that is killed leaves its sockets behind: they go into a folder of this test.
    const folder = await mkdtemp(join(tmpdir(), 'lectern-test-'));
    const holder = spawn(process.execPath, ['--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    const [first] = (await once(holder.stdout, 'data')) as [Buffer];
    const pid = Number(first.toString());
    assert.equal(isAlive(pid), true);
    holder.kill('SIGKILL');
    await waitFor('ffmpeg is gone', () => !isAlive(pid));
    await rm(folder, { recursive: true, force: true });
  });
});

/** Process ids of this process's children that are an ffmpeg. */
async function ffmpegChildren(): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('ffmpeg'))
    .map((line) => Number.parseInt(line, 10));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
