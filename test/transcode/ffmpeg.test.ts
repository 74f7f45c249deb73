import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backoffMs, restartDelayMs } from '../../transcode/backoff.ts';
import { detectFfmpeg, undecodableCodecs } from '../../transcode/ffmpeg/detect-ffmpeg.ts';
import { pictureArguments, soundArguments } from '../../transcode/ffmpeg/ffmpeg-arguments.ts';
import { LineLimit, readFfmpegLine } from '../../transcode/ffmpeg/log-lines.ts';
import { FFMPEG } from './support/sample-flv.ts';

describe('ffmpeg detection', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-ffmpeg-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const script = async (name: string, body: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    return file;
  };

  it('takes the one that the tests run with', async () => {
    assert.equal((await detectFfmpeg(FFMPEG)).program, FFMPEG);
  });

  it('missing', async () => {
    await assert.rejects(detectFfmpeg(join(folder, 'none')), {
      code: 'ffmpeg-missing',
      message: /none was not found; install ffmpeg 5\.1/,
    });
  });

  const faulty: { name: string; body: string; code: string; message: RegExp }[] = [
    {
      name: 'too-old',
      body: 'echo "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright"',
      code: 'ffmpeg-too-old',
      message: /is ffmpeg 4\.4\.2.*, want 5\.1 or newer/,
    },
    {
      name: 'broken',
      body: 'echo "cannot open shared object file" >&2; exit 127',
      code: 'ffmpeg-broken',
      message: /-version failed/,
    },
    { name: 'other', body: 'echo hello', code: 'ffmpeg-broken', message: /does not print its version/ },
    {
      name: 'lean',
      body: 'echo "ffmpeg version 6.0"; echo " A..... aac  AAC"; echo " D flv  FLV"',
      code: 'ffmpeg-incomplete',
      message: /lacks encoder libx264, demuxer mov, demuxer rawvideo/,
    },
  ];
  for (const { name, body, code, message } of faulty) {
    it(name, async () => {
      const program = await script(name, body);
      await assert.rejects(detectFfmpeg(program), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.message.includes(program) && error.message.includes('FFMPEG_PATH'));
        return true;
      });
    });
  }

  it('what publishers may send is decoded by the one that the tests run with', async () => {
    assert.deepEqual([...(await undecodableCodecs(FFMPEG))], []);
  });

  it('what a lean one cannot decode', async () => {
    const table = 'echo " VFS..D hevc  HEVC"; echo " V....D av1  AV1 by hardware"; echo " A....D opus  Opus"';
    const program = await script('decoders', table);
    assert.deepEqual([...(await undecodableCodecs(program))], ['av1', 'flac', 'ac3', 'eac3']);
  });
});

describe('lines of ffmpeg', () => {
  const lines: { name: string; line: string; want: object | null }[] = [
    {
      name: 'a warning of a component',
      line: '[h264 @ 0x55d0c0ffee] [warning] number of reference frames exceeds max',
      want: { level: 'warning', text: 'h264: number of reference frames exceeds max' },
    },
    {
      name: 'an error of nobody',
      line: '[error] pipe:0: Invalid data found',
      want: { level: 'error', text: 'pipe:0: Invalid data found' },
    },
    {
      name: 'a line without a level',
      line: 'x264 [error]: broken',
      want: { level: 'error', text: ': broken' },
    },
    {
      name: 'what a healthy run says',
      line: '[flv @ 0x1] [warning] Stream #0: not enough frames to estimate rate; consider increasing probesize',
      want: null,
    },
    { name: 'nothing', line: '', want: null },
    {
      name: 'control characters',
      line: '[error] a\u001b[31mb\u0000',
      want: { level: 'error', text: 'a?[31mb?' },
    },
    {
      name: 'a secret',
      line: '[error] http://x/y?token=abc.def failed, Bearer xyz',
      want: { level: 'error', text: 'http://x/y?token=(redacted) failed, Bearer (redacted)' },
    },
  ];
  for (const { name, line, want } of lines) {
    it(name, () => assert.deepEqual(readFfmpegLine(line), want));
  }

  it('one line is at most 300 characters', () => {
    assert.equal(readFfmpegLine(`[error] ${'x'.repeat(1000)}`)?.text.length, 300);
  });

  it('lets some lines through and counts the others', () => {
    const limit = new LineLimit(2, 1000);
    const admitted = [0, 1, 2, 3, 1001].map((ms) => limit.admit(ms));
    assert.deepEqual(
      admitted.map(({ write }) => write),
      [true, true, false, false, true],
    );
    assert.equal(admitted.at(-1)?.leftOut, 2);
  });
});

describe('trying again', () => {
  it('the first restart comes at once, then slower, then none', () => {
    const failures: number[] = [];
    const delays = Array.from({ length: 6 }, () => {
      failures.push(failures.length * 1000);
      return restartDelayMs(failures);
    });
    assert.deepEqual(delays, [0, 250, 500, 1000, 2000, null]);
  });

  it('failures of an hour ago do not count', () => {
    assert.equal(restartDelayMs([0, 1, 2, 3, 4, 3_600_000]), 0);
  });

  it('full jitter: anything between nothing and the bound, which doubles up to the last', () => {
    assert.equal(backoffMs(0, 200, 4000, 0), 0);
    assert.equal(backoffMs(0, 200, 4000, 1), 200);
    assert.equal(backoffMs(3, 200, 4000, 0.5), 800);
    assert.equal(backoffMs(1000, 200, 4000, 1), 4000);
  });
});

describe('command lines', () => {
  const rung = {
    id: '720p',
    widthPx: 1280,
    heightPx: 720,
    bitRateKbps: 2200,
    maxRateKbps: 2640,
    bufferKbits: 2112,
  };

  it('a ladder decodes once, scales from rung to rung, and counts frames for its IDRs', () => {
    const run = pictureArguments({
      rungs: [rung, { ...rung, id: '360p', widthPx: 640, heightPx: 360 }],
      ...{ frameRate: 30, preset: 'superfast', frameStep: 1, firstFrameOfSegment: 0, shiftTicks: -7 },
    });
    const graph = run.globalOptions.join(' ');
    assert.match(graph, /setpts=floor\(\(PTS\+-7\)\/3000\+0\.5\)\*3000/);
    assert.match(graph, /split=2\[out0\]\[from0\];\[from0\]scale=640:360/);
    assert.deepEqual(
      run.outputs.map((output) => output.id),
      ['720p', '360p'],
    );
    assert.ok(run.outputs.every((output) => output.options.includes('expr:not(mod(n,48))')));
  });

  it('sound is moved by the encoder’s priming, for FLV has no times below 0', () => {
    assert.match(
      soundArguments(96, 0).outputs[0]?.options.join(' ') ?? '',
      /asetpts=PTS\+1920,.*first_pts=1024/,
    );
  });
});
