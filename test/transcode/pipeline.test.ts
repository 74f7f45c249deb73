import assert from 'node:assert/strict';
import { isConfig, joinedAt, tagBytes } from './support/fake-source.ts';
import { decode, decodeErrors, readTrack, type ProbedTrack } from './support/read-track.ts';
import { broadcast, cleanUp } from './support/run-broadcast.ts';
import { picture, sampleTags, tone } from './support/sample-flv.ts';

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
  afterEach(cleanUp);

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

  it('twins that joined at different moments give the same times to the same pictures', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=30:d=8'), tone(48_000, 8));
    const job = {
      video: { codec: 'h264', width: 320, height: 180, frameRate: 30 },
      epochOffsetMs: 1_700_000_000_123,
    } as const;
    const early = (await broadcast(joinedAt(tags, 0), job)).origin;
    const late = (await broadcast(joinedAt(tags, 2500), job)).origin;
    const [one, two] = [await readTrack(early.bytesOf('240p')), await readTrack(late.bytesOf('240p'))];
    assert.ok(two.frames.length > 60 && two.frames.length < one.frames.length - 40);
    const times = new Map(one.frames.map((frame, i) => [frame.pts, i]));
    assert.ok(two.frames.every((frame) => times.has(frame.pts)));
    assertOnGrid(two, 30);
    // The same picture, not just the same time: how bright each is tells them apart.
    const [first, second] = [
      await decode(early.bytesOf('240p'), 'picture'),
      await decode(late.bytesOf('240p'), 'picture'),
    ];
    const offset = times.get(two.frames[0]?.pts ?? 0) ?? 0;
    const off = [...second].filter((level, i) => Math.abs(level - (first[i + offset] ?? 0)) > 2).length;
    assert.ok(off <= second.length / 20, `${off} of ${second.length} pictures differ`);
    const sounds = [await readTrack(early.bytesOf('audio')), await readTrack(late.bytesOf('audio'))];
    const known = new Set(sounds[0]?.frames.map((frame) => frame.pts));
    assert.ok(sounds[1]?.frames.every((frame) => known.has(frame.pts)));
  });

  it('B-frames of the source come out in order', async () => {
    const clip = picture('testsrc2=s=320x180:r=25:d=5', '-tune', 'film', '-bf', '3', '-preset', 'fast');
    const tags = await sampleTags(clip, tone(48_000, 5));
    const { origin } = await broadcast(joinedAt(tags, 0));
    assertOnGrid(await readTrack(origin.bytesOf('240p')), 25);
    assert.equal(await decodeErrors(origin.bytesOf('240p')), '');
  });

  it('never scales up: a small source gets one rung of its own size', async () => {
    const tags = await sampleTags(picture('testsrc2=s=160x120:r=25:d=4'), tone(48_000, 4));
    const { origin } = await broadcast(joinedAt(tags, 0), {
      video: { codec: 'h264', width: 160, height: 120, frameRate: 25 },
    });
    assert.deepEqual([...new Set(origin.received.map((entry) => entry.track))].sort(), ['240p', 'audio']);
    const track = await readTrack(origin.bytesOf('240p'));
    assert.deepEqual([track.width, track.height], [160, 120]);
  });

  it('a source that loses frames and jitters keeps a constant frame rate', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=6'), tone(48_000, 6));
    const rough = tags
      .filter(
        (tag, i) => isConfig(tag) || tag.kind !== 'video' || (tag.data[0] ?? 0) >> 4 === 1 || i % 7 !== 0,
      )
      .map((tag, i) =>
        tag.kind === 'video' && !isConfig(tag) ? { ...tag, timestampMs: tag.timestampMs + (i % 3) * 4 } : tag,
      );
    const { origin } = await broadcast(joinedAt(rough, 0));
    assertOnGrid(await readTrack(origin.bytesOf('240p')), 25);
  });

  it('a clock that jumps an hour ahead, and back to 0, does not stop the broadcast', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=4'), tone(48_000, 4));
    const media = tags.filter((tag) => !isConfig(tag));
    const parts = [
      ...joinedAt(tags, 0),
      ...media.map((tag) => tagBytes(tag, 3_600_000)),
      ...media.map((tag) => tagBytes(tag)),
    ];
    const { origin, lines } = await broadcast(parts);
    const track = await readTrack(origin.bytesOf('240p'));
    assertOnGrid(track, 25);
    assert.ok(track.frames.length > 240 && track.frames.length < 320, String(track.frames.length));
    const sound = await readTrack(origin.bytesOf('audio'));
    sound.frames.forEach((frame, i) => assert.equal(frame.pts, (sound.frames[0]?.pts ?? 0) + i * 1024));
    assert.equal(lines.filter((line) => line.includes('timestamps of the source jumped')).length, 2);
  });

  it('AAC at 44.1 kHz is encoded to 48 kHz, on the frame grid, and begins with the picture', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=5'), tone(44_100, 5));
    const { origin } = await broadcast(joinedAt(tags, 0), {
      audio: { codec: 'aac', sampleRateHz: 44_100, channels: 2 },
    });
    const sound = await readTrack(origin.bytesOf('audio'));
    assert.deepEqual(
      [sound.codec, sound.profile, sound.sampleRateHz, sound.channels],
      ['aac', 'LC', 48_000, 2],
    );
    assert.equal((sound.frames[0]?.pts ?? 1) % 76_800, 0);
    sound.frames.forEach((frame, i) => assert.equal(frame.pts, (sound.frames[0]?.pts ?? 0) + i * 1024));
    const video = await readTrack(origin.bytesOf('240p'));
    assert.equal((sound.frames[0]?.pts ?? 0) / 48, (video.frames[0]?.pts ?? 0) / 90);
    assert.equal(await decodeErrors(origin.bytesOf('audio')), '');
  });

  it('six channels at 48 kHz are encoded to stereo, and a slow source clock starts nothing anew', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=8'), tone(48_000, 8, 6));
    // 2 % slow: ffmpeg's resampler begins to compensate, though in and out have the same rate.
    const slow = tags.map((tag) => ({ ...tag, timestampMs: Math.round(tag.timestampMs * 1.02) }));
    const { origin, lines } = await broadcast(joinedAt(slow, 0), {
      audio: { codec: 'aac', sampleRateHz: 48_000, channels: 6 },
    });
    const sound = await readTrack(origin.bytesOf('audio'));
    assert.deepEqual([sound.codec, sound.channels], ['aac', 2]);
    const first = sound.frames[0]?.pts ?? 0;
    sound.frames.forEach((frame, i) => assert.equal(frame.pts, first + i * 1024));
    assert.ok(sound.frames.length > 250, String(sound.frames.length));
    assert.deepEqual(
      lines.filter((line) => /backward|monoton/i.test(line)),
      [],
    );
  });

  it('picture alone: silence stands in for the sound, paced by the picture', async () => {
    const tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=5'));
    const { origin } = await broadcast(joinedAt(tags, 0), { audio: null });
    const sound = await readTrack(origin.bytesOf('audio'));
    assert.deepEqual([sound.codec, sound.profile, sound.sampleRateHz], ['aac', 'LC', 48_000]);
    const seconds = (sound.frames.length * 1024) / 48_000;
    assert.ok(seconds > 3.2 && seconds < 5.1, String(seconds));
    assert.ok((await decode(origin.bytesOf('audio'), 'sound')).every((byte) => byte === 0));
    assert.equal(await decodeErrors(origin.bytesOf('audio')), '');
  });

  it('sound alone: a placeholder stands in for the picture in every rung, paced by the sound', async () => {
    const tags = await sampleTags(tone(48_000, 5, 1));
    const { origin } = await broadcast(joinedAt(tags, 0), {
      video: null,
      audio: { codec: 'aac', sampleRateHz: 48_000, channels: 1 },
    });
    for (const id of ['360p', '240p']) {
      const track = await readTrack(origin.bytesOf(id));
      assertOnGrid(track, 25);
      assert.ok(track.frames.length > 80 && track.frames.length <= 125, String(track.frames.length));
      assert.equal(await decodeErrors(origin.bytesOf(id)), '');
    }
    assert.equal((await readTrack(origin.bytesOf('audio'))).channels, 2);
  });

  it('passthrough: every picture as it came, at its own time, from the first keyframe on', async () => {
    const clip = picture('testsrc2=s=320x180:r=25:d=4', '-tune', 'film', '-bf', '2', '-preset', 'fast');
    const tags = await sampleTags(clip, tone(48_000, 4));
    const { origin } = await broadcast(
      joinedAt(tags, 0),
      { video: { codec: 'h264', width: 320, height: 180, frameRate: 25 } },
      'ladder: {mode: passthrough}\n',
    );
    const pictures = tags.filter((tag) => tag.kind === 'video' && tag.data[1] === 1);
    const track = await readTrack(origin.bytesOf('source'));
    assert.equal(track.frames.length, pictures.length);
    assert.deepEqual(
      track.frames.map(({ dts, pts, isKey }) => ({ dts, pts, isKey })),
      pictures.map((tag) => {
        const dts = (1_700_000_000_000 + tag.timestampMs) * 90;
        return { dts, pts: dts + tag.data.readIntBE(2, 3) * 90, isKey: (tag.data[0] ?? 0) >> 4 === 1 };
      }),
    );
    assert.equal(await decodeErrors(origin.bytesOf('source')), '');
    const sound = await readTrack(origin.bytesOf('audio'));
    const [firstMs, soundMs] = [(track.frames[0]?.dts ?? 0) / 90, (sound.frames[0]?.pts ?? 0) / 48];
    assert.ok(
      soundMs <= firstMs && firstMs - soundMs < 100,
      `sound from ${soundMs}, pictures from ${firstMs}`,
    );
    assert.deepEqual([...new Set(origin.received.map((entry) => entry.track))].sort(), ['audio', 'source']);
  });

  it('sound stays with its picture: a flash and a beep, every second', async () => {
    for (const rate of [48_000, 44_100]) {
      const flash = picture(
        "color=black:s=160x90:r=25:d=6,geq=lum='if(lt(mod(T,1),0.08),235,16)':cb=128:cr=128",
      );
      const beep = {
        graph: `aevalsrc='if(lt(mod(t,1),0.08),0.8*sin(2*PI*1000*t),0)':s=${rate}:d=6`,
        codec: tone(rate, 6).codec,
      };
      const tags = await sampleTags(flash, beep);
      const { origin } = await broadcast(joinedAt(tags, 0), {
        epochOffsetMs: 1_700_000_000_777,
        video: { codec: 'h264', width: 160, height: 90, frameRate: 25 },
        audio: { codec: 'aac', sampleRateHz: rate, channels: 2 },
      });
      const ours = await skewMs(origin.bytesOf('240p'), origin.bytesOf('audio'));
      // The publisher's own: her clip's picture has its first frame when its sound has its first sample.
      assert.ok(ours.length >= 3);
      for (const ms of ours) assert.ok(Math.abs(ms) <= 40, `${rate} Hz: sound is ${ms} ms after the picture`);
    }
  });
});

/** How much later each beep is than its flash, as served; milliseconds. */
async function skewMs(video: Buffer, audio: Buffer): Promise<number[]> {
  const [pictures, sounds] = [await readTrack(video), await readTrack(audio)];
  const [levels, samples] = [await decode(video, 'picture'), await decode(audio, 'sound')];
  const flashes = rises([...levels].map((level) => level > 120)).map(
    (i) => (pictures.frames[i]?.pts ?? 0) / 90,
  );
  const loud = Array.from({ length: Math.floor(samples.length / 96) }, (_, ms) => {
    for (let i = 0; i < 48; i++) if (Math.abs(samples.readInt16LE((ms * 48 + i) * 2)) > 4000) return true;
    return false;
  });
  // Sine waves cross 0: a beep is on until 20 ms are quiet.
  const held = loud.map((_, ms) => loud.slice(Math.max(0, ms - 20), ms + 1).includes(true));
  const start = (sounds.frames[0]?.pts ?? 0) / 48;
  const beeps = rises(held).map((ms) => start + ms);
  return flashes.flatMap((flash) => {
    const near = beeps.filter((beep) => Math.abs(beep - flash) < 400);
    return near.map((beep) => beep - flash);
  });
}

function rises(on: readonly boolean[]): number[] {
  return on.flatMap((now, i) => (now && i > 0 && on[i - 1] === false ? [i] : []));
}
