import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { S3Store } from '../../origin/store/s3-store.ts';
import { freePort } from '../support/free-port.ts';
import { startMinio } from '../support/minio.ts';
import { packetTimesS } from '../support/packet-times.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Started, start } from '../support/process.ts';
import { startPublisher, type Publisher } from '../support/publisher.ts';
import type { S3Server } from '../support/s3-server.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const RENDITIONS = ['240p', '120p', 'audio'];

describe('nothing is lost: MinIO goes away in mid-class, and the origin is killed meanwhile', function () {
  this.timeout(240_000);
  let directory: TempDir;
  let minio: S3Server;
  let origin: Started;
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let url: string;
  let file: string;

  before(async () => {
    directory = makeTempDir();
    minio = await startMinio();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    file = join(directory.path, 'lectern.yaml');
    const channel = `
channels:
  - { id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key }
ladder: { rungs: [{ height: 240, videoKbps: 300 }, { height: 120, videoKbps: 100 }] }
`;
    const { endpoint, accessKey, secretKey } = minio;
    writeFileSync(
      file,
      `${channel}
secret: a-secret-of-some-length
dataDir: ${directory.path}
store: { s3: { endpoint: '${endpoint}', accessKey: '${accessKey}', secretKey: '${secretKey}' } }
`,
    );
    origin = await startOrigin();
    pipeline = await startTestPipeline({
      yaml: `${channel}\norigins: ['${url}']\n`,
      roles: ['ingest', 'transcode'],
    });
    publisher = startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 426, heightPx: 240 });
  });
  after(async () => {
    await publisher?.stop();
    await pipeline?.stop();
    await origin?.stop();
    await minio?.stop();
    directory?.remove();
  });

  const startOrigin = async (): Promise<Started> => {
    const port = new URL(url).port;
    const args = ['--import', 'tsx', 'test/support/role-program.ts', 'origin', file, port];
    const started = start(process.execPath, args);
    await started.waitForOutput('origin http', 30_000);
    return started;
  };
  /** Whole segments of the class that its playlist lists, by their names. */
  const listed = async (rendition: string): Promise<string[]> => {
    const text = await (await fetch(`${url}/live/hall-7/${rendition}.m3u8`)).text();
    // Behind the discontinuity: what stands before it is the slate's.
    const [first = '', ...rest] = text.split('#EXT-X-DISCONTINUITY\n');
    const own = text.includes('X-STATE="before"') ? rest.at(-1) : (rest.at(-1) ?? first);
    return own?.match(/^[^#].*\.m4s$/gm) ?? [];
  };
  /** What a viewer got, by `{rendition}/{number}`. */
  const seen = new Map<string, Buffer>();
  const watch = async (): Promise<void> => {
    for (const rendition of RENDITIONS) {
      for (const uri of await listed(rendition)) {
        const name = `${rendition}/${/(\d+)\.m4s$/.exec(uri)?.[1]}`;
        if (seen.has(name)) continue;
        const answer = await fetch(new URL(uri, `${url}/live/hall-7/x`));
        assert.equal(answer.status, 200, uri);
        seen.set(name, Buffer.from(await answer.arrayBuffer()));
      }
    }
  };
  /** Watches until so many segments more of each rendition have been seen. */
  const watchMore = async (count: number): Promise<void> => {
    const goal = seen.size + RENDITIONS.length * count;
    await waitFor(
      `${count} segments more`,
      async () => {
        await watch();
        return seen.size >= goal;
      },
      60_000,
    );
  };

  it('every closed segment is in the bucket, byte for byte as it was live', async () => {
    await watchMore(5);
    await minio.kill();
    await watchMore(5);
    await origin.stop('SIGKILL');
    origin = await startOrigin();
    await watchMore(5);
    await minio.restart();
    await watchMore(5);
    const startOver = await (
      await fetch(`${url}/live/hall-7/240p.m3u8?start=${Date.now() - 600_000}`)
    ).text();
    await publisher.stop();

    const { endpoint, accessKey, secretKey } = minio;
    const store = new S3Store({
      ...{ endpoint, accessKey, secretKey, bucket: 'lectern', prefix: '', region: 'us-east-1' },
    });
    const wanted = [...seen.keys()];
    const inBucket = new Map<string, string>();
    await waitFor(
      'all of it is in the bucket',
      async () => {
        for await (const { key } of store.list('media/hall-7/')) {
          const [, , , rendition, , name = ''] = key.split('/');
          inBucket.set(`${rendition}/${name.replace('.m4s', '')}`, key);
        }
        const missing = wanted.filter((name) => !inBucket.has(name));
        if (missing.length > 0) throw new Error(`missing: ${missing.join(' ')}`);
        return true;
      },
      60_000,
    );
    for (const [name, bytes] of seen) {
      assert.deepEqual(await store.get(inBucket.get(name) ?? ''), bytes, name);
      const again = await fetch(`${url}/media/hall-7/${name}.m4s`);
      assert.deepEqual(Buffer.from(await again.arrayBuffer()), bytes, name);
    }
    // No number of the class is missing in between: what was on air while the origin was away came with the uplink.
    for (const rendition of RENDITIONS.slice(0, 1)) {
      const numbers = [...inBucket.keys()]
        .filter((name) => name.startsWith(`${rendition}/`))
        .map((name) => Number(name.split('/')[1]))
        .toSorted((a, b) => a - b);
      const [first = 0] = numbers;
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => first + i),
        rendition,
      );
    }
    const names = startOver.match(/^[^#].*\.m4s$/gm) ?? [];
    assert.ok(
      wanted
        .filter((name) => name.startsWith('240p/'))
        .every((name) => names.some((uri) => uri.endsWith(`${name}.m4s`))),
    );
    await store.close();
  });

  it('its broadcast has a storyboard and a poster, drawn off the hot path', async () => {
    const { poster, storyboard } = await waitFor(
      'a storyboard',
      async () => {
        const { broadcasts } = (await (await fetch(`${url}/api/broadcasts`)).json()) as {
          broadcasts: { poster: string | null; storyboard: string | null }[];
        };
        const [broadcast] = broadcasts;
        const { poster, storyboard } = broadcast ?? { poster: null, storyboard: null };
        return poster === null || storyboard === null ? null : { poster, storyboard };
      },
      30_000,
    );
    const text = await (await fetch(`${url}${storyboard}`)).text();
    const cues = [...text.matchAll(/^([\d:.]+) --> ([\d:.]+)\n(\S+)#xywh=(\d+),(\d+),160,90$/gm)];
    assert.ok(cues.length >= 6, text);
    assert.equal(cues[0]?.[1], '00:00:00.000');
    cues.slice(1).forEach(([, from], i) => assert.equal(from, cues[i]?.[2]));
    const sizeOf = async (address: string): Promise<string> => {
      const args = [
        '-v',
        'error',
        '-show_entries',
        'stream=codec_name,width,height',
        '-of',
        'csv=p=0',
        address,
      ];
      return (await run('ffprobe', args)).stdout.trim();
    };
    assert.equal(await sizeOf(new URL(cues[0]?.[3] ?? '', `${url}${storyboard}`).href), 'mjpeg,1600,900');
    assert.match(await sizeOf(`${url}${poster}`), /^mjpeg,640,3[56]\d$/);
  });

  it('its broadcast can be replayed at once, and ffprobe finds no hole in it', async () => {
    const broadcast = await waitFor(
      'the broadcast has an end',
      async () => {
        const { broadcasts } = (await (await fetch(`${url}/api/broadcasts`)).json()) as {
          broadcasts: { endMs: number | null; replay: string; download: string }[];
        };
        assert.equal(broadcasts.length, 1);
        return broadcasts[0]?.endMs === null ? null : broadcasts[0];
      },
      30_000,
    );
    assert.ok(broadcast !== undefined);
    for (const path of [broadcast.replay.replace('index.m3u8', '240p.m3u8'), broadcast.download]) {
      const packets = await packetTimesS(`${url}${path}`, 'v:0');
      assert.ok(packets.length > 20 * 40 * 0.9, `${packets.length} pictures`);
      packets.slice(1).forEach((ptsS, i) => {
        const stepS = ptsS - (packets[i] ?? 0);
        assert.ok(stepS > 0 && stepS < 0.09, `${stepS} s at ${ptsS}`);
      });
    }
  });
});
