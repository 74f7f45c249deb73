import assert from 'node:assert/strict';
import { writeFragment } from '../../media/bmff/fragment-writer.ts';
import { parseConfig } from '../../config/load.ts';
import { bareArguments } from '../../bench/encode/bare-ffmpeg.ts';
import { reportJoin } from '../../bench/glass/join-report.ts';
import { readMediaTimeMs } from '../../bench/history/media-time.ts';
import { BEEP_SAMPLE_RATE_HZ, beeps } from '../../bench/publish/beeps.ts';
import { beepTimes, flashTimes, skewMs } from '../../bench/served/beep-and-flash.ts';
import { readRenditions } from '../../bench/served/renditions.ts';

describe('beep against flash', () => {
  const sound = (startS: number, seconds: number, first = 0) => {
    const bytes = beeps(first, seconds * BEEP_SAMPLE_RATE_HZ);
    const samples = Float32Array.from(
      { length: bytes.length / 2 },
      (_, at) => bytes.readInt16LE(at * 2) / 32_768,
    );
    return { startS, samples };
  };

  it('finds each beep at its first sample, but for one at the very start that may have begun before', () => {
    assert.deepEqual(
      beepTimes(sound(1000, 3, BEEP_SAMPLE_RATE_HZ / 2)).map((time) => time.toFixed(4)),
      ['1000.5000', '1001.5000', '1002.5000'],
    );
    assert.equal(beepTimes(sound(1000, 2)).length, 1);
  });

  it('finds the first of white pictures', () => {
    const luma = Buffer.from([10, 10, 235, 235, 235, 235, 10, 10]);
    assert.deepEqual(flashTimes({ widthPx: 2, heightPx: 1, timesS: [1, 2, 3, 4], luma }), [2]);
  });

  it('pairs what belongs together: sound that is late is positive', () => {
    const { count, min, max } = skewMs([1, 2, 3], [1.02, 2.03, 9]);
    assert.equal(count, 2);
    assert.ok(Math.abs(min - 20) < 1e-6 && Math.abs(max - 30) < 1e-6);
    assert.equal(skewMs([1], []).count, 0);
  });
});

describe('the report of a join', () => {
  const shown = (atMs: number, stampMs: number | null) => ({
    ...{ stampMs, toldMs: atMs, displayMs: atMs + 5, bufferedS: 0.1 },
  });
  const page = (pictures: ReturnType<typeof shown>[]) => ({
    ...{ shown: pictures, arrived: [], firstFrameMs: 400, droppedFrames: 1, waits: 0 },
  });

  it('leaves the first seconds out of the latency, and keeps them in the whole', () => {
    const { latencyMs, wholeMs } = reportJoin(page([shown(1000, 0), shown(1040, 40), shown(4100, 3700)]));
    assert.deepEqual([latencyMs.count, latencyMs.p50], [1, 405]);
    assert.deepEqual([wholeMs.count, wholeMs.max], [3, 1005]);
  });

  it('counts a picture that stands too long as a stall, even if it is told of again and again', () => {
    const standing = [0, 40, 80, 120, 160, 200, 240, 280, 320].map((atMs) => shown(1000 + atMs, 500));
    const { stalls, longestFreezeMs } = reportJoin(page([shown(960, 460), ...standing, shown(1360, 540)]));
    assert.deepEqual([stalls, longestFreezeMs], [1, 360]);
  });

  it('tells pictures without a barcode apart', () => {
    const { unread, wholeMs } = reportJoin(page([shown(1000, null), shown(1040, 40)]));
    assert.deepEqual([unread, wholeMs.count], [1, 1]);
  });
});

describe('what is read from servers', () => {
  it('takes the best picture and its sound', () => {
    const text = [
      '#EXTM3U',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",URI="audio.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=500,RESOLUTION=640x360,AUDIO="audio"',
      'low.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=1280x720,AUDIO="audio"',
      'high.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=9000,CODECS="mp4a.40.2"',
      'sound.m3u8',
    ].join('\n');
    assert.deepEqual(readRenditions(text, 'http://h/live/a/index.m3u8'), {
      video: 'http://h/live/a/high.m3u8',
      lowest: 'http://h/live/a/low.m3u8',
      audio: 'http://h/live/a/audio.m3u8',
    });
    assert.throws(() => readRenditions('#EXTM3U', 'http://h/index.m3u8'), /no variant/);
  });

  it('reads the decode time of a chunk', () => {
    const frame = {
      decodeTicks: 90_000 * 1.8e9,
      durationTicks: 3600,
      compositionOffsetTicks: 0,
      isSync: true,
    };
    const samples = [{ ...frame, data: Buffer.alloc(4) }];
    const chunk = writeFragment({ trackId: 1, sequenceNumber: 1, samples });
    assert.equal(readMediaTimeMs(chunk, 90_000), 1.8e12);
    assert.equal(readMediaTimeMs(Buffer.from('nothing of that kind'), 90_000), null);
  });
});

describe('the bare ffmpeg', () => {
  const { ladder } = parseConfig('', {});
  const args = bareArguments(ladder, 'source.flv');

  it('encodes the same rungs with the same settings, to null', () => {
    assert.equal(args.filter((arg) => arg === 'libx264').length, ladder.rungs.length);
    assert.equal(args.filter((arg) => arg === 'null').length, ladder.rungs.length + 1);
    assert.deepEqual(
      ladder.rungs.map(({ videoKbps }) => args.includes(`${videoKbps}k`)),
      ladder.rungs.map(() => true),
    );
  });

  it('writes nothing anywhere', () => {
    assert.ok(args.every((arg) => !arg.startsWith('unix:') && !arg.startsWith('pipe:')));
    assert.equal(
      args.filter((arg, at) => arg === 'flv' && args[at - 1] === '-f').length,
      1,
      'the input alone is FLV',
    );
  });
});
