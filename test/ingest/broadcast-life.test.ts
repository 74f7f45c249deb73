import assert from 'node:assert/strict';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { readVideoPacket } from '../../media/flv/video-packet.ts';
import { SourceClient } from './support/source-client.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from './support/media-bodies.ts';
import { RtmpClient } from './support/rtmp-client.ts';
import { TEST_KEY, startTestIngest, type TestIngest } from './support/test-ingest.ts';

const STREAM = `hall-7?key=${TEST_KEY}`;

const isPicture = ({ kind, data }: FlvTag): boolean =>
  kind === 'video' && readVideoPacket(data)?.kind === 'frame';
const isKeyframe = ({ data }: FlvTag): boolean => readVideoPacket(data)?.isSync === true;

/** An encoder that sends a picture and a sound every 20 ms, each 40 ms after the one before, until it is stopped. */
class Encoder {
  readonly client: RtmpClient;
  #beat: NodeJS.Timeout | null = null;
  #timestampMs: number;

  constructor(port: number, startMs = 0) {
    this.client = new RtmpClient(port);
    this.#timestampMs = startMs;
  }

  /** Publishes; resolves when the server allowed it. */
  async start(): Promise<this> {
    await this.client.publishAs(STREAM);
    await this.client.hears('NetStream.Publish.Start');
    this.client.media(9, this.#timestampMs, AVC_CONFIG);
    this.client.media(8, this.#timestampMs, AAC_CONFIG);
    this.#beat = setInterval(() => this.#send(), 20);
    return this;
  }

  /** Sends nothing any more, and stays connected. */
  fallSilent(): void {
    if (this.#beat !== null) clearInterval(this.#beat);
  }

  /** Stops as a user does. */
  finish(): void {
    this.fallSilent();
    this.client.unpublish();
    this.client.socket.end();
  }

  /** Its line drops. */
  drop(): void {
    this.fallSilent();
    this.client.close();
  }

  #send(): void {
    this.client.media(9, this.#timestampMs, picture(this.#timestampMs % 400 === 0));
    this.client.media(8, this.#timestampMs, sound());
    this.#timestampMs += 40;
  }
}

describe('ingest: the life of a broadcast', () => {
  let ingest: TestIngest;
  const encoders: Encoder[] = [];
  const encoder = (startMs = 0) => {
    const made = new Encoder(ingest.role.rtmpPort, startMs);
    encoders.push(made);
    return made;
  };
  const open = async (url: string) => SourceClient.open(url, await ingest.bearer('worker'));

  beforeEach(async () => {
    ingest = await startTestIngest({ takeoverMs: 250 });
  });
  afterEach(async () => {
    for (const one of encoders.splice(0)) one.drop();
    await ingest.stop();
  });

  it('the first reader gets everything since the first keyframe, with the timestamps that were sent', async () => {
    const teacher = await encoder(7000).start();
    const source = await open((await ingest.queue.job(0)).sourceUrl);
    await source.until((client) => client.tags().length > 40);
    const tags = source.tags();
    assert.deepEqual(
      tags.slice(0, 4).map(({ kind, data }) => ({ kind, start: data.toString('hex', 0, 2) })),
      [
        { kind: 'script', start: '0200' },
        { kind: 'script', start: '0200' },
        { kind: 'video', start: '1700' },
        { kind: 'audio', start: 'af00' },
      ],
    );
    const pictures = tags.filter(isPicture);
    assert.ok(pictures[0] !== undefined && isKeyframe(pictures[0]));
    // The encoder's keyframes stand at multiples of 400: the first after 7,000 is 7,200.
    assert.deepEqual(
      pictures.map(({ timestampMs }) => timestampMs),
      pictures.map((_, i) => 7200 + i * 40),
    );
    assert.deepEqual(pictures[0].data, picture(true));
    teacher.drop();
  });

  it('a later reader starts at the current keyframe', async () => {
    const teacher = await encoder().start();
    const { sourceUrl } = await ingest.queue.job(0);
    const first = await open(sourceUrl);
    await first.until((client) => client.tags().length > 80);
    const second = await open(sourceUrl);
    await second.until((client) => client.tags().length > 20);
    const firstPicture = second.tags().find(isPicture);
    assert.ok(firstPicture !== undefined && isKeyframe(firstPicture));
    assert.ok(firstPicture.timestampMs >= 800);
    teacher.drop();
  });

  it('an encoder that is connected and sends nothing stays, and the API says what is awaited', async () => {
    const { client } = encoder();
    await client.publishAs(STREAM);
    await client.hears('NetStream.Publish.Start');
    const awaited = async () => {
      const view = await (await ingest.get('/api/ingest/hall-7', 'teacher', 'hall-7')).json();
      return (view as { publish: { awaited: string[] } }).publish.awaited;
    };
    assert.deepEqual(await awaited(), ['first-picture', 'first-sound']);
    client.media(8, 0, AAC_CONFIG);
    client.media(8, 0, sound());
    await ingest.queue.job(0);
    assert.deepEqual(await awaited(), ['first-picture']);
  });

  it('a publisher that stops ends the source properly; after that it is over', async () => {
    const teacher = await encoder().start();
    const { sourceUrl } = await ingest.queue.job(0);
    const source = await open(sourceUrl);
    await source.until((client) => client.tags().length > 20);
    teacher.finish();
    assert.equal(await source.outcome(), 'over');
    assert.equal((await open(sourceUrl)).statusCode, 410);
  });

  it('a line that drops breaks the source off', async () => {
    const teacher = await encoder().start();
    const source = await open((await ingest.queue.job(0)).sourceUrl);
    await source.until((client) => client.tags().length > 20);
    teacher.drop();
    assert.equal(await source.outcome(), 'broken');
  });

  it('a short broadcast that is over before anybody came can still be read, whole', async () => {
    const teacher = await encoder().start();
    const { sourceUrl } = await ingest.queue.job(0);
    teacher.finish();
    await ingest.logger.until(/the publisher left: broadcast over/);
    const source = await open(sourceUrl);
    assert.equal(await source.outcome(), 'over');
    assert.ok(source.tags().some(isPicture));
  });

  it('a teacher whose line dropped takes her channel back at once', async () => {
    const before = await encoder().start();
    const first = await ingest.queue.job(0);
    before.drop();
    await encoder().start();
    const second = await ingest.queue.job(1);
    assert.ok(second.broadcast >= first.broadcast);
    assert.ok(second.epochOffsetMs >= first.epochOffsetMs);
  });

  it('a holder that fell silent without closing makes way for its successor', async () => {
    const silent = await encoder().start();
    const first = await ingest.queue.job(0);
    const source = await open(first.sourceUrl);
    silent.fallSilent();
    await encoder().start();
    const second = await ingest.queue.job(1);
    await silent.client.gone();
    assert.equal(await source.outcome(), 'broken');
    assert.notEqual(second.broadcast, first.broadcast);
    const lastTimestampMs = source.tags().at(-1)?.timestampMs ?? 0;
    assert.ok(second.epochOffsetMs >= first.epochOffsetMs + lastTimestampMs, 'media time went backwards');
  });

  it('a holder that sends keeps its channel, and the newcomer is told', async () => {
    await encoder().start();
    await ingest.queue.job(0);
    const second = encoder();
    await assert.rejects(second.start(), /the connection was closed/);
    assert.match(second.client.heard, /channel hall-7 is live already/);
    assert.equal(ingest.queue.jobs.length, 1);
  });

  it('a second publisher that sends without waiting for its answer gets nothing on air', async () => {
    await encoder().start();
    const source = await open((await ingest.queue.job(0)).sourceUrl);
    const eager = new RtmpClient(ingest.role.rtmpPort);
    await eager.publishAs(STREAM);
    eager.media(9, 0, picture(true, 100, 0xe7));
    await eager.gone();
    const tagsBefore = source.tags().length;
    await source.until((client) => client.tags().length > tagsBefore + 4);
    assert.ok(!source.bytes.includes(Buffer.alloc(16, 0xe7)));
  });

  it('media of a publisher that fell ahead of real time is not followed by earlier media', async () => {
    const fast = await encoder().start();
    const first = await ingest.queue.job(0);
    for (let atMs = 1000; atMs <= 9000; atMs += 500) fast.client.media(9, atMs, picture(true));
    await ingest.get('/api/ingest/hall-7', 'operator');
    fast.finish();
    await fast.client.gone();
    await encoder().start();
    const second = await ingest.queue.job(1);
    assert.ok(second.epochOffsetMs > first.epochOffsetMs + 9000);
  });

  it('a queue that cannot be reached ends the publish, so that the encoder tries again', async () => {
    ingest.queue.failure = new Error('no Redis');
    const teacher = await encoder().start();
    await teacher.client.gone();
    assert.match(teacher.client.heard, /the server cannot transcode now/);
  });

  const wrongTokens = [
    { name: 'a student', role: 'student', channel: '*', want: 403 },
    { name: "another channel's worker", role: 'worker', channel: 'hall-8', want: 403 },
  ] as const;
  for (const { name, role, channel, want } of wrongTokens) {
    it(`a source is not for ${name}`, async () => {
      await encoder().start();
      const { sourceUrl } = await ingest.queue.job(0);
      assert.equal((await SourceClient.open(sourceUrl, await ingest.bearer(role, channel))).statusCode, want);
      assert.equal((await SourceClient.open(sourceUrl, '')).statusCode, 401);
      assert.equal((await ingest.get('/feeds/hall-7/none.flv', 'worker')).status, 404);
      assert.equal((await ingest.get('/feeds/../x', 'worker')).status, 404);
    });
  }
});
