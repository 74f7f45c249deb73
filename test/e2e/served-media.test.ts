import assert from 'node:assert/strict';
import { startPublisher, type Publisher } from '../support/publisher.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { waitFor } from '../support/wait-for.ts';
import { probe } from './support/clip.ts';

/** How many segments of each rendition are looked at. */
const SEGMENTS = 4;

describe('what is served, as ffprobe sees it', function () {
  this.timeout(120_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;

  before(async () => {
    pipeline = await startTestPipeline();
    publisher = startPublisher({
      url: pipeline.publishUrl('hall-7'),
      widthPx: 1280,
      heightPx: 720,
      frameRate: 25,
    });
    await pipeline.waitForState('hall-7', 'on-air');
  });
  after(async () => {
    await publisher?.stop();
    await pipeline?.stop();
  });

  const playlist = async (rendition: string, query = ''): Promise<string> =>
    (await fetch(`${pipeline.url}/live/hall-7/${rendition}.m3u8${query}`)).text();

  /** Init segment and the first whole segments of the class. */
  const fetchClass = async (
    rendition: string,
  ): Promise<{ init: Buffer; segments: Buffer[]; names: string[] }> => {
    const text = await waitFor(
      `${SEGMENTS} whole segments of ${rendition}`,
      async () => {
        const now = await playlist(rendition);
        // Behind the discontinuity: what stands before it is the slate's.
        const own = now.split('#EXT-X-DISCONTINUITY\n')[1] ?? '';
        return own.match(/^[^#].*\.m4s$/gm)?.length && (own.match(/^[^#].*\.m4s$/gm) ?? []).length >= SEGMENTS
          ? own
          : null;
      },
      60_000,
    );
    const get = async (uri: string): Promise<Buffer> => {
      const response = await fetch(new URL(uri, `${pipeline.url}/live/hall-7/x`));
      assert.equal(response.status, 200, uri);
      return Buffer.from(await response.arrayBuffer());
    };
    const names = (text.match(/^[^#].*\.m4s$/gm) ?? []).slice(0, SEGMENTS);
    const map = /URI="([^"]+)"/.exec(text)?.[1] ?? '';
    return { init: await get(map), segments: await Promise.all(names.map(get)), names };
  };

  const renditions = [
    { id: '720p', size: [1280, 720] },
    { id: '480p', size: [854, 480] },
    { id: '360p', size: [640, 360] },
  ] as const;
  for (const { id, size } of renditions) {
    it(`${id}: every frame decodes, on the grid, 40 a segment, a keyframe first`, async () => {
      const { init, segments, names } = await fetchClass(id);
      for (const [index, segment] of segments.entries()) {
        const seen = probe(Buffer.concat([init, segment]));
        assert.equal(seen.codec, 'h264');
        assert.deepEqual([seen.widthPx, seen.heightPx], size);
        assert.equal(seen.decodedFrames, 40);
        assert.deepEqual(
          seen.packets.map(({ isKey }) => isKey),
          seen.packets.map((_, place) => place === 0),
        );
        const number = Number(/(\d+)\.m4s/.exec(names[index] ?? '')?.[1]);
        assert.ok(Math.abs((seen.packets[0]?.timeS ?? 0) - number * 1.6) < 0.001);
      }
    });
  }

  it('720p and audio: no hole and no overlap from one sample to the next, over segments', async () => {
    for (const id of ['720p', 'audio']) {
      const { init, segments } = await fetchClass(id);
      const { packets } = probe(Buffer.concat([init, ...segments]));
      assert.equal(packets.length, SEGMENTS * (id === 'audio' ? 75 : 40));
      const stepS = id === 'audio' ? 1024 / 48_000 : 1 / 25;
      for (const [index, packet] of packets.entries()) {
        const next = packets[index + 1]?.timeS ?? packet.timeS + stepS;
        assert.ok(Math.abs(next - packet.timeS - stepS) < 0.0002, `${id}: from ${packet.timeS} to ${next}`);
      }
    }
  });

  it('audio: AAC at 48 kHz, 75 frames a segment', async () => {
    const { init, segments } = await fetchClass('audio');
    for (const segment of segments) {
      const seen = probe(Buffer.concat([init, segment]));
      assert.equal(seen.codec, 'aac');
      assert.equal(seen.sampleRateHz, 48_000);
      assert.equal(seen.decodedFrames, 75);
    }
  });

  it('the parts of a segment are the segment', async () => {
    const { segments, names } = await fetchClass('480p');
    const base = new URL(names[0] ?? '', `${pipeline.url}/live/hall-7/x`).href.replace(/\.m4s$/, '');
    const parts: Buffer[] = [];
    for (let part = 0; part < 8; part += 1) {
      parts.push(Buffer.from(await (await fetch(`${base}.${part}.m4s`)).arrayBuffer()));
    }
    assert.ok(Buffer.concat(parts).equals(segments[0] ?? Buffer.alloc(0)));
  });
});
