import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PublishView } from '../../ingest/ingest-api.ts';
import { SourceClient } from './support/source-client.ts';
import { publishWithFfmpeg, type FfmpegSource } from './support/ffmpeg-publisher.ts';
import { startTestIngest, type TestIngest } from './support/test-ingest.ts';

type ProbedStream = { readonly codec_name?: string; readonly width?: number; readonly sample_rate?: string };

const VIDEO = { codec: 'h264', width: 320, height: 180, frameRate: 25 };
const AUDIO = { codec: 'aac', sampleRateHz: 48_000, channels: 2 };

describe('ingest: what a real ffmpeg publishes', () => {
  let ingest: TestIngest;
  beforeEach(async () => {
    ingest = await startTestIngest();
  });
  afterEach(() => ingest.stop());

  const probe = async (url: string): Promise<readonly ProbedStream[]> => {
    const headers = `Authorization: ${await ingest.bearer('worker')}\r\n`;
    const args = ['-v', 'error', '-headers', headers, '-show_streams', '-of', 'json', url];
    const { stdout } = await promisify(execFile)('ffprobe', args);
    return (JSON.parse(stdout) as { streams: readonly ProbedStream[] }).streams;
  };

  const sources: readonly {
    name: string;
    source: FfmpegSource;
    video: unknown;
    audio: unknown;
    codecs: string[];
  }[] = [
    { name: 'picture and sound', source: {}, video: VIDEO, audio: AUDIO, codecs: ['h264', 'aac'] },
    { name: 'picture alone', source: { audio: false }, video: VIDEO, audio: null, codecs: ['h264'] },
    { name: 'sound alone', source: { video: false }, video: null, audio: AUDIO, codecs: ['aac'] },
  ];
  for (const { name, source, video, audio, codecs } of sources) {
    it(`${name}: the job says so, and ffprobe finds it in the source`, async () => {
      const publisher = publishWithFfmpeg(ingest.publishUrl(), source);
      const job = await ingest.queue.job(0);
      assert.deepEqual({ video: job.video, audio: job.audio }, { video, audio });
      const streams = await probe(job.sourceUrl);
      // ffprobe takes the picture tag for a stream of data, which has no codec.
      const found = streams.flatMap(({ codec_name: codec }) => codec ?? []);
      assert.deepEqual(found.sort(), [...codecs].sort());
      await publisher.kill();
    });
  }

  it('the whole of a short broadcast comes through, and ends when ffmpeg ends', async () => {
    const publisher = publishWithFfmpeg(ingest.publishUrl(), { durationS: 2 });
    const job = await ingest.queue.job(0);
    const headers = `Authorization: ${await ingest.bearer('worker')}\r\n`;
    const args = [
      '-v',
      'error',
      '-headers',
      headers,
      '-count_packets',
      '-show_entries',
      'stream=codec_name,nb_read_packets',
    ];
    const { stdout } = await promisify(execFile)('ffprobe', [...args, '-of', 'csv=p=0', job.sourceUrl]);
    assert.equal(await publisher.exit, 0);
    assert.match(stdout, /^h264,50$/m);
    // 2 s are 94 frames of 1,024 samples; with the encoder's priming frame it may be one more.
    assert.match(stdout, /^aac,9[3-6]$/m);
  });

  const statisticsAt = async (timestampMs: number): Promise<PublishView> => {
    const job = await ingest.queue.job(0);
    const source = await SourceClient.open(job.sourceUrl, await ingest.bearer('worker'));
    await source.until((client) => (client.tags().at(-1)?.timestampMs ?? 0) >= timestampMs);
    const response = await ingest.get('/api/ingest/hall-7', 'teacher', 'hall-7');
    const { publish } = (await response.json()) as { publish: PublishView };
    source.close();
    return publish;
  };

  it('B-frames and the length of a group of pictures are seen', async () => {
    const extra = ['-tune', 'film', '-preset', 'veryfast', '-bf', '2', '-g', '10'];
    const publisher = publishWithFfmpeg(ingest.publishUrl(), { extra });
    const view = await statisticsAt(2000);
    assert.equal(view.bFrames, true);
    assert.equal(view.gopLengthS, 0.4);
    await publisher.kill();
  });

  it('the stamp lies between the start of the publisher and the first media', async () => {
    const beforeMs = Date.now();
    const publisher = publishWithFfmpeg(ingest.publishUrl());
    const { epochOffsetMs } = await ingest.queue.job(0);
    assert.ok(epochOffsetMs > beforeMs && epochOffsetMs <= Date.now());
    await publisher.kill();
  });

  it('statistics and metrics tell what is on air', async () => {
    const publisher = publishWithFfmpeg(ingest.publishUrl());
    const view = await statisticsAt(3000);
    assert.deepEqual({ video: view.video, audio: view.audio }, { video: VIDEO, audio: AUDIO });
    assert.ok(Math.abs((view.frameRate ?? 0) - 25) < 0.5, `frame rate ${view.frameRate}`);
    assert.equal(view.gopLengthS, 1);
    assert.equal(view.bFrames, false);
    assert.ok(view.videoBps > 50_000 && view.audioBps > 20_000 && view.audioBps < 200_000);
    assert.ok(view.receivedBytes > 10_000);
    const text = await ingest.metrics.metrics();
    await publisher.kill();
    assert.match(text, /^lectern_ingest_publishers 1$/m);
    assert.match(text, /^lectern_ingest_received_bytes_total [1-9]/m);
  });

  it('who may ask: an operator for all, a teacher for her channel', async () => {
    const table = [
      { path: '/api/ingest', role: 'operator', channel: '*', want: 200 },
      { path: '/api/ingest', role: 'teacher', channel: '*', want: 403 },
      { path: '/api/ingest/hall-7', role: 'teacher', channel: 'hall-7', want: 200 },
      { path: '/api/ingest/hall-7', role: 'teacher', channel: 'hall-8', want: 403 },
      { path: '/api/ingest/hall-7', role: 'student', channel: '*', want: 403 },
      { path: '/api/ingest/hall-9', role: 'operator', channel: '*', want: 404 },
    ] as const;
    for (const { path, role, channel, want } of table) {
      assert.equal((await ingest.get(path, role, channel)).status, want, `${role} of ${channel}: ${path}`);
    }
  });

  it('MP3 is taken: it is encoded', async () => {
    const extra = ['-c:a', 'libmp3lame', '-ar', '44100'];
    const publisher = publishWithFfmpeg(ingest.publishUrl(), { extra });
    const { audio } = await ingest.queue.job(0);
    await publisher.kill();
    assert.deepEqual(audio, { codec: 'mp3', sampleRateHz: 44_100, channels: 2 });
  });

  it('sound that is not compressed is refused with the setting to change', async () => {
    const pcm = publishWithFfmpeg(ingest.publishUrl(), { extra: ['-c:a', 'pcm_s16le', '-ar', '44100'] });
    assert.notEqual(await pcm.exit, 0);
    const lines = await ingest.logger.until(/"reason":"unsupported-sound"/);
    assert.match(lines[0] ?? '', /sound is uncompressed \(PCM\): set the encoder's audio codec to AAC/);
    assert.equal(ingest.queue.jobs.length, 0);
  });
});
